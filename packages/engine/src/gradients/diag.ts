import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { identity } from './cumulative.js';
import { replaceGradient } from './replace.js';

/** The gradient of diag, of which TensorFlow.js has none: the diagonal of dy. */
export function installDiagGradient(): void {
  replaceGradient({
    kernelName: tf.Diag,
    inputsToSave: ['x'],
    gradFunc: (dy, saved) => {
      const { shape, size } = saved[0]!;
      return { x: () => tf.reshape(tf.sum(tf.mul(tf.reshape(dy as Tensor, [size, size]), identity(size)), 1), shape) };
    },
  });
}
