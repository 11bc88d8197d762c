import type { Pixels } from './png.js';

type Values = Float32Array | Int32Array;

/** Colours of a heat map from low to high: viridis at seven places (van der Walt and Smith, 2015). */
const HEAT = [
  [68, 1, 84],
  [68, 57, 131],
  [49, 104, 142],
  [33, 145, 140],
  [53, 183, 121],
  [144, 215, 67],
  [253, 231, 37],
] as const;

/** Values stretched to 0 .. 1, the smallest and the largest being the ends; a constant becomes 0. */
export function stretched(values: Values): Float32Array {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const span = most - least;
  return Float32Array.from(values, (value) => (span > 0 ? (value - least) / span : 0));
}

/**
 * The picture of an image [height, width, channels], its values stretched to what a screen can show (normalised values are not colours).
 * Of three or more channels the first three are red, green and blue; of fewer the first is grey.
 */
export function picture(values: Values, [height, width, channels]: readonly [number, number, number]): Pixels {
  const shown = channels >= 3 ? 3 : 1;
  const unit = stretched(values);
  const data = new Uint8Array(width * height * shown);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < shown; c++) data[pixel * shown + c] = Math.round(255 * unit[pixel * channels + c]!);
  }
  return { width, height, channels: shown, data };
}

/** Up to `count` frames of a video [time, height, width, channels], evenly spread, side by side. */
export function strip(values: Values, [time, height, width, channels]: readonly [number, number, number, number], count = 4): Pixels {
  const frames = Math.min(count, time);
  const size = height * width * channels;
  const wide = new Float32Array(frames * size);
  for (let i = 0; i < frames; i++) {
    const frame = Math.floor(((i + 0.5) * time) / frames);
    for (let y = 0; y < height; y++) {
      const from = frame * size + y * width * channels;
      wide.set(values.subarray(from, from + width * channels), (y * frames + i) * width * channels);
    }
  }
  return picture(wide, [height, frames * width, channels]);
}

/** The heat map of the first channel of a spectrogram [frequency, time, channels], low frequencies at the bottom. */
export function heatMap(values: Values, [frequencies, time, channels]: readonly [number, number, number]): Pixels {
  const first = Float32Array.from({ length: frequencies * time }, (_, i) => values[i * channels]!);
  const unit = stretched(first);
  const data = new Uint8Array(first.length * 3);
  for (let f = 0; f < frequencies; f++) {
    for (let t = 0; t < time; t++) data.set(heat(unit[f * time + t]!), ((frequencies - 1 - f) * time + t) * 3);
  }
  return { width: time, height: frequencies, channels: 3, data };
}

/** The colour of a value between 0 and 1. */
export function heat(value: number): number[] {
  const place = value * (HEAT.length - 1);
  const low = Math.min(HEAT.length - 2, Math.floor(place));
  return HEAT[low]!.map((channel, c) => Math.round(channel + (place - low) * (HEAT[low + 1]![c]! - channel)));
}
