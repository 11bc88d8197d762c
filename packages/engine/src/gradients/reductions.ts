import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { replaceGradient } from './replace.js';

/** dy, with its reduced axes back and repeated. */
function spread(dy: Tensor, shape: number[], axis: number | number[]): Tensor {
  const kept = [...shape];
  for (const reduced of tf.util.parseAxisParam(axis, shape)) kept[reduced] = 1;
  return tf.broadcastTo(tf.reshape(dy, kept), shape);
}

/**
 * The gradients of sum and mean by repetition. TensorFlow.js multiplies by a full-size tensor of
 * ones, and divides the full-size product for a mean.
 */
export function installReductionGradients(): void {
  replaceGradient({
    kernelName: tf.Sum,
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attrs) => {
      const { shape } = saved[0]!;
      return { x: () => spread(dy as Tensor, shape, attrs['axis'] as number | number[]) };
    },
  });
  replaceGradient({
    kernelName: tf.Mean,
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attrs) => {
      const { shape, size } = saved[0]!;
      const upstream = dy as Tensor;
      return {
        x: () => spread(tf.div(upstream, size / upstream.size), shape, attrs['axis'] as number | number[]),
      };
    },
  });
}
