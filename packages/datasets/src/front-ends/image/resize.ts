import { EquimodalError } from '@equimodal/core';
import { columnsOfFloats, rowsOfFloats, type Weights } from './axes.js';
import { resizeBytes } from './bytes.js';
import { crop, likewise, type Box, type Image, type Size } from './image.js';

/** How pixels are weighted: by a triangle, by Keys' cubic with a = -1/2, or the nearest one alone. */
export type Filter = 'bilinear' | 'bicubic' | 'nearest';

const FILTERS = {
  bilinear: { support: 1, weight: (x: number): number => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    weight(value: number): number {
      const x = Math.abs(value);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    },
  },
} as const;

/**
 * Resizes to an exact size, antialiased: when an axis shrinks, the filter widens by the same factor. Bytes come out as Pillow's
 * `Image.resize` gives them, bit by bit (weights in fixed point, rounded after each axis, columns after rows); floats as
 * torchvision's `resize(antialias=True)`.
 *
 * @param box the part that is resized, as if it were cut out before. Default: all of the image.
 * @throws EQM_CONFIG_INVALID for a size that is not a positive integer.
 */
export function resize<T extends Uint8Array | Float32Array>(
  image: Image<T>,
  { width, height }: Size,
  filter: Filter = 'bilinear',
  box: Box = { left: 0, top: 0, width: image.width, height: image.height },
): Image<T> {
  for (const size of [width, height]) {
    if (!Number.isInteger(size) || size < 1)
      throw new EquimodalError('EQM_CONFIG_INVALID', `an image cannot be resized to ${width} x ${height}`);
  }
  if (!within(box, image)) return resize(crop(image, box), { width, height }, filter);
  if (filter !== 'nearest' && isOfBytes(image)) {
    const across = box.width === width ? undefined : weightsOf(box.width, width, filter);
    const down = box.height === height ? undefined : weightsOf(box.height, height, filter);
    return resizeBytes(image, box, { across, down }) as Image<T>;
  }
  // Inside of the image, a box as large is all of it.
  const part = box.width === image.width && box.height === image.height ? image : crop(image, box);
  if (filter === 'nearest') return nearest(part, width, height);
  return resizeFloats(part as Image<Float32Array>, { width, height }, filter) as Image<T>;
}

const isOfBytes = (image: Image): image is Image<Uint8Array> => image.data instanceof Uint8Array;

const within = ({ left, top, width, height }: Box, image: Image): boolean =>
  left >= 0 && top >= 0 && width > 0 && height > 0 && left + width <= image.width && top + height <= image.height;

/** The size whose shorter side is `shorter`, in the same proportions, the longer side rounded down. */
export function shorterSide({ width, height }: Image, shorter: number): Size {
  return width <= height
    ? { width: shorter, height: Math.trunc((shorter * height) / width) }
    : { width: Math.trunc((shorter * width) / height), height: shorter };
}

function weightsOf(from: number, to: number, filter: keyof typeof FILTERS): Weights {
  const { support, weight } = FILTERS[filter];
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const shrink = 1 / stretch;
  const reach = support * stretch;
  const widest = Math.ceil(reach) * 2 + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const values = new Float64Array(to * widest);
  for (let place = 0; place < to; place++) {
    const centre = (place + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - reach + 0.5));
    const high = Math.min(from, Math.trunc(centre + reach + 0.5));
    let sum = 0;
    for (let x = low; x < high; x++) sum += values[place * widest + x - low] = weight((x - centre + 0.5) * shrink);
    for (let i = 0; i < high - low; i++) values[place * widest + i]! /= sum;
    first[place] = low;
    count[place] = high - low;
  }
  return { first, count, values, widest };
}

function resizeFloats(
  { width: from, height: rows, channels, data }: Image<Float32Array>,
  { width, height }: Size,
  filter: keyof typeof FILTERS,
): Image<Float32Array> {
  const row = width * channels;
  let wide = data;
  if (from !== width)
    rowsOfFloats(data, (wide = new Float32Array(rows * row)), { from, width, height: rows, channels }, weightsOf(from, width, filter));
  if (rows === height) return { width, height, channels, data: wide };
  const out = new Float32Array(row * height);
  columnsOfFloats(wide, out, { row, height }, weightsOf(rows, height, filter));
  return { width, height, channels, data: out };
}

function nearest<T extends Uint8Array | Float32Array>(image: Image<T>, width: number, height: number): Image<T> {
  const { channels } = image;
  const out = likewise(image.data, width * height * channels);
  for (let y = 0; y < height; y++) {
    const line = Math.min(image.height - 1, Math.floor(((y + 0.5) * image.height) / height)) * image.width;
    for (let x = 0; x < width; x++) {
      const from = (line + Math.min(image.width - 1, Math.floor(((x + 0.5) * image.width) / width))) * channels;
      for (let c = 0; c < channels; c++) out[(y * width + x) * channels + c] = image.data[from + c]!;
    }
  }
  return { width, height, channels, data: out };
}
