import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';

/** Below so many places in each image's output the images go as one; from 14 x 14 on both ways cost the same. */
const FEW_PLACES = 128;
/** Smaller filters fit into a cache beside everything else. */
const LARGE_FILTER = 16384;

type Shape = [number, number, number, number];

/**
 * The input gradient of a 2-D convolution of many channels over small maps: [batch, h', w', filters] -> [batch, h, w, channels].
 *
 * TensorFlow multiplies image by image there, and reads the whole filter for each. Here the images stand one below the other as one
 * tall image, with rows of zeros between them that keep their windows apart, so there is one product.
 *
 * @returns undefined where TensorFlow's own way is as good
 */
export function tallInputGradient(dy: Tensor, filter: Tensor, attrs: NamedAttrMap): Tensor | undefined {
  const { strides, pad, dataFormat, dimRoundingMode, inputShape } = attrs as unknown as {
    strides: number | [number, number];
    pad: 'same' | 'valid';
    dataFormat: string;
    dimRoundingMode: 'floor' | 'round' | 'ceil' | undefined;
    inputShape: Shape;
  };
  const [batch, outHeight, outWidth, filters] = dy.shape as Shape;
  if (dataFormat !== 'NHWC' || batch < 2 || outHeight * outWidth >= FEW_PLACES || filter.size < LARGE_FILTER) return undefined;
  const { padInfo, strideHeight } = tf.backend_util.computeConv2DInfo(inputShape, filter.shape as Shape, strides, 1, pad, dimRoundingMode);
  const [, height, width, channels] = inputShape;
  // Each image's share of the tall one: rows of dy, and of the input with its padding.
  const rows = Math.ceil((padInfo.top + height + padInfo.bottom) / strideHeight);
  const tallHeight = batch * rows * strideHeight;
  const reached = Math.floor((tallHeight - filter.shape[0]!) / strideHeight) + 1;
  const tallWidth = padInfo.left + width + padInfo.right;
  return tf.tidy(() => {
    const spaced = tf.reshape(tf.pad(dy, [[0, 0], [0, rows - outHeight], [0, 0], [0, 0]]), [1, batch * rows, outWidth, filters]); // prettier-ignore
    const inputs: NamedTensorMap = { dy: tf.slice(spaced, [0, 0, 0, 0], [1, reached, outWidth, filters]), filter };
    const tallAttrs: NamedAttrMap = { strides, pad: 'valid', dataFormat, inputShape: [1, tallHeight, tallWidth, channels] };
    const tall = tf.engine().runKernel(tf.Conv2DBackpropInput, inputs, tallAttrs) as unknown as Tensor;
    const apart = tf.reshape(tall, [batch, rows * strideHeight, tallWidth, channels]);
    return tf.slice(apart, [0, padInfo.top, padInfo.left, 0], inputShape);
  });
}
