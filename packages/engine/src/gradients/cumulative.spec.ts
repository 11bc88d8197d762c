import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { expectClose, onEachEngine } from '../test-engine/checks.fixture.js';

onEachEngine(() => {
  it('differentiates cumulative products with zeros', () => {
    tf.tidy(() => {
      // y = a, a b, a b c. At (2, 0, 5), dy = (1, 10, 100): da = 1 + 10 b + 100 b c, db = 10 a + 100 a c, dc = 100 a b.
      const gradient = tf.grad((x) => tf.cumprod(x))(tf.tensor1d([2, 0, 5]), tf.tensor1d([1, 10, 100]));
      expectClose(gradient.dataSync(), [1, 20 + 1000, 0]);
      // From behind, exclusive: y = b c, c, 1.
      const behind = tf.grad((x) => tf.cumprod(x, 0, true, true))(tf.tensor1d([2, 0, 5]), tf.tensor1d([1, 10, 100]));
      expectClose(behind.dataSync(), [0, 5, 10]);
    });
  });

  it('differentiates a product with a zero', () => {
    tf.tidy(() => {
      const gradient = tf.grad((x) => tf.prod(x, -1))(tf.tensor2d([2, 0, 5, 0, 0, 3], [2, 3]), tf.tensor1d([1, 1]));
      expectClose(gradient.dataSync(), [0, 10, 0, 0, 0, 0]);
    });
  });
});
