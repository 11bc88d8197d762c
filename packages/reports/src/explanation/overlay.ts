import type { ModalitySpec } from '@equimodal/core';
import { heat, picture, stretched } from '../contact-sheet/pictures.js';
import type { Pixels } from '../contact-sheet/png.js';

/** Share of the heat map's colour where its value is 1; where it is 0 the input shows through. */
const STRENGTH = 0.65;

/** A map, row-major [height, width], values between 0 and 1. */
export interface HeatPlane {
  readonly values: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
}

/** A map at another size: bilinear, centres of places half a place from the edge (as `align_corners=False` of PyTorch). */
export function resizePlane({ values, height, width }: HeatPlane, rows: number, columns: number): Float32Array {
  const place = (i: number, of: number, from: number): { low: number; high: number; share: number } => {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / of - 0.5));
    const low = Math.floor(at);
    return { low, high: Math.min(from - 1, low + 1), share: at - low };
  };
  const out = new Float32Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    const v = place(y, rows, height);
    for (let x = 0; x < columns; x++) {
      const h = place(x, columns, width);
      const line = (row: number): number => values[row * width + h.low]! * (1 - h.share) + values[row * width + h.high]! * h.share;
      out[y * columns + x] = line(v.low) * (1 - v.share) + line(v.high) * v.share;
    }
  }
  return out;
}

/**
 * An input as a grey or coloured picture, a map laid over it if there is one: images [h, w, c], the middle frame of a video
 * [time, h, w, c], the first channel of a spectrogram [frequency, time, c] with low frequencies at the bottom.
 */
export function overlay({ kind, shape }: ModalitySpec, values: Float32Array, map: HeatPlane | null): Pixels {
  const flipped = kind === 'spectrogram';
  const base = kind === 'video' ? middleFrame(values, shape) : picture(values, shape as unknown as [number, number, number]);
  const { height, width, channels } = base;
  const plane = map === null ? null : resizePlane(map, height, width);
  const data = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = y * width + x;
      const to = (flipped ? (height - 1 - y) * width + x : from) * 3;
      const value = plane?.[from] ?? 0;
      const colour = heat(value);
      for (let c = 0; c < 3; c++) {
        const shown = base.data[from * channels + (channels === 3 ? c : 0)]!;
        data[to + c] = Math.round(shown + STRENGTH * value * (colour[c]! - shown));
      }
    }
  }
  return { height, width, channels: 3, data };
}

function middleFrame(values: Float32Array, [time, height, width, channels]: readonly number[]): Pixels {
  const size = height! * width! * channels!;
  const at = Math.floor(time! / 2) * size;
  return picture(stretched(values).subarray(at, at + size), [height!, width!, channels!]);
}
