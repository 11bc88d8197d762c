import { EquimodalError } from '@equimodal/core';

/** Pixels, row-major [height, width, channels]: bytes as decoded, or floats. */
export interface Image<T extends Uint8Array | Float32Array = Uint8Array | Float32Array> {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: T;
}

/** A rectangle of pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** An array of the same kind. */
export function likewise<T extends Uint8Array | Float32Array>(data: T, length: number): T {
  return (data instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length)) as T;
}

/** The pixels inside a box; those of the box that are outside of the image are 0. @throws EQM_CONFIG_INVALID for an empty box. */
export function crop<T extends Uint8Array | Float32Array>(image: Image<T>, { left, top, width, height }: Box): Image<T> {
  if (!(width > 0 && height > 0)) throw new EquimodalError('EQM_CONFIG_INVALID', `a crop of ${width} x ${height} pixels is empty`);
  const { channels } = image;
  const data = likewise(image.data, width * height * channels);
  const from = Math.max(left, 0);
  const to = Math.min(left + width, image.width);
  for (let y = Math.max(top, 0); y < Math.min(top + height, image.height) && from < to; y++) {
    const start = y * image.width;
    data.set(image.data.subarray((start + from) * channels, (start + to) * channels), ((y - top) * width + from - left) * channels);
  }
  return { width, height, channels, data };
}

/** Mirrored left to right. */
export function flip<T extends Uint8Array | Float32Array>({ width, height, channels, data }: Image<T>): Image<T> {
  const out = likewise(data, data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * channels;
      const to = (y * width + width - 1 - x) * channels;
      for (let c = 0; c < channels; c++) out[to + c] = data[from + c]!;
    }
  }
  return { width, height, channels, data: out };
}

/** Channels in reverse order: RGB to BGR. */
export function reverseChannels<T extends Uint8Array | Float32Array>({ width, height, channels, data }: Image<T>): Image<T> {
  const out = likewise(data, data.length);
  for (let at = 0; at < data.length; at += channels) for (let c = 0; c < channels; c++) out[at + c] = data[at + channels - 1 - c]!;
  return { width, height, channels, data: out };
}

/** Mean and deviation per channel, of values in [0, 1]. */
export type Normalisation = {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
};

/** The usual ones of networks trained on ImageNet. */
export const IMAGENET: Normalisation = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

/**
 * Values in [0, 1], minus the mean and divided by the deviation of their channel: (v / 255 - mean) / deviation for bytes; floats
 * are taken to be in [0, 1]. Computed in single precision, as torchvision does.
 *
 * @param out where the values go, from `offset` on. Default: a new array.
 */
export function normalise(
  { data, channels }: Image,
  { mean, deviation }: Normalisation = { mean: [0], deviation: [1] },
  out: Float32Array = new Float32Array(data.length),
  offset = 0,
): Float32Array {
  for (const [name, values] of Object.entries({ mean, deviation })) {
    if (values.length !== 1 && values.length !== channels)
      throw new EquimodalError('EQM_CONFIG_INVALID', `${name} has ${values.length} values, the image has ${channels} channels`);
  }
  const top = data instanceof Uint8Array ? 255 : 1;
  for (let c = 0; c < channels; c++) {
    const m = Math.fround(mean[c % mean.length]!);
    const d = Math.fround(deviation[c % deviation.length]!);
    const scaled = (value: number): number => Math.fround(Math.fround(value / top) - m) / d;
    if (data instanceof Uint8Array) {
      const table = Float32Array.from({ length: 256 }, (_, value) => scaled(value));
      for (let at = c; at < data.length; at += channels) out[offset + at] = table[data[at]!]!;
    } else {
      for (let at = c; at < data.length; at += channels) out[offset + at] = scaled(data[at]!);
    }
  }
  return out;
}
