import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { checkGradients, expectClose, onEachEngine } from '../test-engine/checks.fixture.js';

onEachEngine(() => {
  it('differentiates relu', () => {
    checkGradients((x) => tf.relu(tf.mul(x!, 3)), [{ shape: [3, 5] }], { step: 1e-3 });
  });

  it('is zero at zero and below', () => {
    tf.tidy(() => {
      const gradient = tf.grad((x) => tf.sum(tf.mul(tf.relu(x), tf.tensor1d([2, 3, 5, 7]))));
      expectClose(gradient(tf.tensor1d([-1, 0, 1e-6, 4])).dataSync(), [0, 0, 5, 7]);
    });
  });

  it('can be differentiated again', () => {
    tf.tidy(() => {
      // f = sum relu(x)^2, f' = 2 relu(x), sum of squares of f' has the gradient 8 relu(x).
      const first = tf.grad((x) => tf.sum(tf.square(tf.relu(x))));
      const second = tf.grad((x) => tf.sum(tf.square(first(x))));
      expectClose(second(tf.tensor1d([-1, 2, 3])).dataSync(), [0, 16, 24]);
    });
  });
});
