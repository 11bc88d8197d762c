import { EquimodalError } from '@equimodal/core';
import { bytesAt, floatsAt, kernels, scratch, type Address } from '../../kernels/kernels.js';

/** Pixels, row-major [height, width, channels]: bytes as decoded, or floats. */
export interface Image<T extends Uint8Array | Float32Array = Uint8Array | Float32Array> {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: T;
}

/** Pixels across and down. */
export interface Size {
  readonly width: number;
  readonly height: number;
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
  const row = width * channels;
  for (let start = 0; start < data.length; start += row) {
    for (let from = start, to = start + row - channels; to >= start; from += channels, to -= channels) {
      out[to] = data[from]!;
      if (channels === 1) continue;
      out[to + 1] = data[from + 1]!;
      for (let c = 2; c < channels; c++) out[to + c] = data[from + c]!;
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
  const values = { mean: Float32Array.from(mean), deviation: Float32Array.from(deviation) };
  if (!(data instanceof Uint8Array)) normaliseFloats(data, channels, values, out, offset);
  else if (LANES % channels === 0) normaliseInVectors(data, values, out, offset);
  else
    normaliseFloats(
      Float32Array.from(data, (value) => value / 255),
      channels,
      values,
      out,
      offset,
    );
  return out;
}

interface Statistics {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

function normaliseFloats(data: Float32Array, channels: number, { mean, deviation }: Statistics, out: Float32Array, offset: number): void {
  for (let c = 0; c < channels; c++) {
    const m = mean[c % mean.length]!;
    const d = deviation[c % deviation.length]!;
    for (let at = c; at < data.length; at += channels) out[offset + at] = Math.fround(data[at]! - m) / d;
  }
}

/** Bytes that the kernel takes at once. */
const LANES = 12;

function normaliseInVectors(data: Uint8Array, { mean, deviation }: Statistics, out: Float32Array, offset: number): void {
  const padded = Math.ceil(data.length / LANES) * LANES;
  const areas = scratch(padded, 4 * LANES, 4 * LANES, 4 * padded);
  const [source, meanAt, deviationAt, result] = areas as [Address, Address, Address, Address];
  bytesAt(source, data.length).set(data);
  for (const [at, values] of [
    [meanAt, mean],
    [deviationAt, deviation],
  ] as const) {
    const table = floatsAt(at, LANES);
    for (let i = 0; i < LANES; i++) table[i] = values[i % values.length]!;
  }
  kernels.normalise(source, data.length, meanAt, deviationAt, result);
  out.set(floatsAt(result, data.length), offset);
}
