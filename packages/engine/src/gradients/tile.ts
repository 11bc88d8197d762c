import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { replaceGradient } from './replace.js';

/** The gradient of tile, and so of broadcastTo: sums over the repetitions. TensorFlow.js adds slices one by one, up to rank 4. */
export function installTileGradient(): void {
  replaceGradient({
    kernelName: tf.Tile,
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attrs) => {
      const { shape } = saved[0]!;
      const repeats = attrs['reps'] as number[];
      return {
        x: () => {
          // Axis by axis from the first: [outer, repeats, rest] is summed over the repeats.
          let gradient = dy as Tensor;
          repeats.forEach((times, axis) => {
            if (times === 1) return;
            const outer = shape.slice(0, axis).reduce((product, n) => product * n, 1);
            gradient = tf.sum(tf.reshape(gradient, [outer, times, gradient.size / (outer * times)]), 1);
          });
          return tf.reshape(gradient, shape);
        },
      };
    },
  });
}
