import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';

/** Rows and columns around an image: [[top, bottom], [left, right]]. */
export type ExplicitPadding = readonly [readonly [number, number], readonly [number, number]];

/**
 * Two-dimensional cross-correlation with padding of its own on each side.
 *
 * First-order differentiable in x and filter; a gradient that is not asked for is not computed.
 *
 * @param x float32 [batch, height, width, channels]
 * @param filter float32 [filter height, filter width, channels, filters]
 * @param strides of height and width
 * @param padding `same` or `valid` as TensorFlow means them, or zeros on each side
 * @returns float32 [batch, height', width', filters]
 */
export function paddedConv2d(
  x: Tensor,
  filter: Tensor,
  strides: readonly [number, number],
  padding: 'same' | 'valid' | ExplicitPadding,
): Tensor {
  const convolve = (image: Tensor, pad: 'same' | 'valid' | Sides): Tensor =>
    tf.conv2d(image as Tensor4D, filter as Tensor4D, [...strides], pad);
  if (typeof padding === 'string') return convolve(x, padding);
  const [[top, bottom], [left, right]] = padding;
  const sides: Sides = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  // TensorFlow has no fast gradient for padding inside the convolution; and padded once, the image serves both passes.
  return isDifferentiating() ? convolve(tf.pad(x, sides), 'valid') : convolve(x, sides);
}

type Sides = [[number, number], [number, number], [number, number], [number, number]];

/** Whether a gradient will be taken of what runs now. */
function isDifferentiating(): boolean {
  return tf.engine().state.gradientDepth > 0;
}
