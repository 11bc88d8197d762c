import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor5D } from '@tensorflow/tfjs-core';
import { isNative } from '../../backend/native.js';
import { paddedConv2d } from '../conv2d/conv2d.js';

type Triple = readonly [number, number, number];

/** Frames, rows and columns around a video: [[first, last], [top, bottom], [left, right]]. */
export type ExplicitPadding3d = readonly [readonly [number, number], readonly [number, number], readonly [number, number]];

/**
 * Three-dimensional cross-correlation with padding of its own on each side.
 *
 * First-order differentiable in x and filter; a gradient that is not asked for is not computed.
 *
 * On the native engine it is a two-dimensional one: the frames under each position of the window stand side by side as channels
 * [batch * time', height, width, filter time * channels]. TensorFlow's own op has a filter gradient that is slower several times over.
 *
 * @param x float32 [batch, time, height, width, channels]
 * @param filter float32 [filter time, filter height, filter width, channels, filters]
 * @param strides of time, height and width
 * @param padding `same` or `valid` as TensorFlow means them, or zeros on each side
 * @returns float32 [batch, time', height', width', filters]
 */
export function paddedConv3d(x: Tensor, filter: Tensor, strides: Triple, padding: 'same' | 'valid' | ExplicitPadding3d): Tensor {
  if (isNative()) return stacked(x, filter, strides, padding);
  const sides = axesOf(x).map((_, axis) => sidesOf(x, filter, strides, padding, axis as 0 | 1 | 2)) as unknown as ExplicitPadding3d;
  return tf.conv3d(padded(x, sides) as Tensor5D, filter as Tensor5D, [...strides], 'valid');
}

const axesOf = ({ shape }: Tensor): Triple => shape.slice(1, 4) as [number, number, number];

/** Zeros before and after one axis. */
function sidesOf(
  x: Tensor,
  filter: Tensor,
  strides: Triple,
  padding: 'same' | 'valid' | ExplicitPadding3d,
  axis: 0 | 1 | 2,
): readonly [number, number] {
  if (padding === 'valid') return [0, 0];
  if (padding !== 'same') return padding[axis];
  const [size, stride] = [axesOf(x)[axis], strides[axis]];
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + filter.shape[axis]! - size, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

function padded(x: Tensor, sides: ExplicitPadding3d): Tensor {
  if (sides.flat().every((width) => width === 0)) return x;
  return tf.pad(x, [[0, 0], ...sides.map(([before, after]): [number, number] => [before, after]), [0, 0]]);
}

function stacked(x: Tensor, filter: Tensor, strides: Triple, padding: 'same' | 'valid' | ExplicitPadding3d): Tensor {
  const [taps, filterHeight, filterWidth, channels, filters] = filter.shape as [number, number, number, number, number];
  const time = sidesOf(x, filter, strides, padding, 0);
  const [rows, columns] = typeof padding === 'string' ? NOTHING : [padding[1], padding[2]];
  const frames = padded(x, [time, rows, columns]);
  const [batch, length, height, width] = frames.shape as [number, number, number, number];
  const count = Math.floor((length - taps) / strides[0]) + 1;
  const parts = Array.from({ length: taps }, (_, tap) => everyFrame(frames, tap, count, strides[0]));
  const side = taps === 1 ? parts[0]! : tf.concat(parts, 4);
  const images = tf.reshape(side, [batch * count, height, width, taps * channels]);
  const apart = taps === 1 ? filter : tf.transpose(filter, [1, 2, 0, 3, 4]);
  const kernel = tf.reshape(apart, [filterHeight, filterWidth, taps * channels, filters]);
  const maps = paddedConv2d(images, kernel, [strides[1], strides[2]], padding === 'same' ? 'same' : 'valid');
  return tf.reshape(maps, [batch, count, maps.shape[1]!, maps.shape[2]!, filters]);
}

const NOTHING = [
  [0, 0],
  [0, 0],
] as const;

/** `count` frames from the one given on, a stride apart. */
function everyFrame(x: Tensor, from: number, count: number, stride: number): Tensor {
  const [batch, length, ...rest] = x.shape as [number, number, ...number[]];
  if (stride === 1) return count === length ? x : tf.slice(x, [0, from, 0, 0, 0], [batch, count, ...rest]);
  return tf.stridedSlice(x, [0, from, 0, 0, 0], [batch, from + (count - 1) * stride + 1, ...rest], [1, stride, 1, 1, 1]);
}
