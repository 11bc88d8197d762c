import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { replaceGradient } from './replace.js';

/** The gradient of the values of topk, of which TensorFlow.js has none: dy goes to the entries that were chosen. */
export function installTopKGradient(): void {
  replaceGradient({
    kernelName: tf.TopK,
    inputsToSave: ['x'],
    outputsToSave: [false, true],
    gradFunc: (dys, saved) => {
      const [x, indices] = saved as [Tensor, Tensor];
      const dy = (dys as unknown as Tensor[])[0]!;
      return {
        x: () => {
          const n = x.shape.at(-1)!;
          const k = indices.shape.at(-1)!;
          const rows = x.size / n;
          const chosen = tf.oneHot(tf.reshape(indices, [rows * k]), n, 1, 0, 'float32');
          const weighted = tf.mul(chosen, tf.reshape(dy, [rows * k, 1]));
          return tf.reshape(tf.sum(tf.reshape(weighted, [rows, k, n]), 1), x.shape);
        },
      };
    },
  });
}
