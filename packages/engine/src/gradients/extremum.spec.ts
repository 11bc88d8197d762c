import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { expectClose, onEachEngine } from '../test-engine/checks.fixture.js';

onEachEngine(() => {
  it('shares the gradient among equal maxima', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([0, 0, -1, 5, 2, 5, 5, 1], [2, 4]);
      const upstream = tf.tensor1d([6, 9]);
      // Row one: two zeros; row two: two fives.
      expectClose(
        tf
          .grad((v) => tf.max(v, 1))(tf.tensor2d([0, 0, -1, -3, 5, 2, 5, 5], [2, 4]), upstream)
          .dataSync(),
        [3, 3, 0, 0, 3, 0, 3, 3],
      );
      expectClose(
        tf
          .grad((v) => tf.min(v, 0))(x, tf.tensor1d([2, 4, 6, 8]))
          .dataSync(),
        [2, 4, 6, 0, 0, 0, 0, 8],
      );
      expectClose(
        tf
          .grad((v) => tf.min(v))(tf.tensor1d([1, 7, 1, 1]), tf.scalar(6))
          .dataSync(),
        [2, 0, 2, 2],
      );
    });
  });

  it('gives no gradient to |0|', () => {
    tf.tidy(() => {
      expectClose(
        tf
          .grad((x) => tf.abs(x))(tf.tensor1d([-2, 0, 3]), tf.tensor1d([4, 5, 6]))
          .dataSync(),
        [-4, 0, 6],
      );
    });
  });
});
