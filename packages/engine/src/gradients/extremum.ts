import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { replaceGradient } from './replace.js';

/**
 * Max, min and the absolute value where they are not smooth. TensorFlow.js hands the whole gradient to each of several equal maxima (zeros
 * behind a ReLU are), and -1 to |0|. Here equal maxima share it evenly, as in TensorFlow and PyTorch's amax, and |0| gets 0.
 */
export function installExtremumGradients(): void {
  for (const [kernelName, attribute] of [
    [tf.Max, 'reductionIndices'],
    [tf.Min, 'axis'],
  ] as const) {
    replaceGradient({
      kernelName,
      inputsToSave: ['x'],
      outputsToSave: [true],
      gradFunc: (dy, saved, attrs) => {
        const [x, y] = saved as [Tensor, Tensor];
        const axes = tf.util.parseAxisParam(attrs[attribute] as number | number[], x.shape);
        const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
        return {
          x: () => {
            const chosen = tf.cast(tf.equal(x, tf.reshape(y, kept)), 'float32');
            const share = tf.div(tf.reshape(dy as Tensor, kept), tf.sum(chosen, axes, true));
            return tf.mul(chosen, share);
          },
        };
      },
    });
  }
  replaceGradient({
    kernelName: tf.Abs,
    inputsToSave: ['x'],
    gradFunc: (dy, saved) => ({ x: () => tf.mul(dy as Tensor, tf.sign(saved[0]!)) }),
  });
}
