import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { expectClose, onEachEngine } from '../test-engine/checks.fixture.js';

onEachEngine(() => {
  it('adds the border to what it mirrors', () => {
    tf.tidy(() => {
      const dy = tf.tensor1d([1, 10, 100, 1000, 10_000, 100_000]);
      const x = tf.tensor1d([1, 2, 3]);
      // reflect: c b | a b c | b: the border of two, the entries, the border of one.
      const reflected = tf.grad((v) => tf.mirrorPad(v, [[2, 1]], 'reflect'))(x, dy);
      expectClose(reflected.dataSync(), [100, 10 + 1000 + 100_000, 1 + 10_000], 1e-6);
      // symmetric: b a | a b c | c.
      const symmetric = tf.grad((v) => tf.mirrorPad(v, [[2, 1]], 'symmetric'))(x, dy);
      expectClose(symmetric.dataSync(), [10 + 100, 1 + 1000, 10_000 + 100_000], 1e-6);
    });
  });
});
