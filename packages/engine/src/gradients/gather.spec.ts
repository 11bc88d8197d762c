import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { checkGradients, expectClose, onEachEngine } from '../test-engine/checks.fixture.js';

onEachEngine(() => {
  it('differentiates a gather by indices that come from the same tensor', () => {
    tf.tidy(() => {
      // Row 2 has the largest first number: 3 times its square sum.
      const objective = (x: tf.Tensor): tf.Scalar => tf.sum(tf.mul(tf.square(tf.gather(x, tf.slice(tf.argMax(x, 0), 0, 1))), 3));
      const gradient = tf.grad(objective)(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]));
      expectClose(gradient.dataSync(), [0, 0, 0, 0, 30, 36]);
    });
  });

  it.each([
    ['an axis behind the batch', [2, 3, 4, 2], 2, 1],
    ['two batch axes', [2, 2, 3, 2], 2, 2],
    ['the last axis', [2, 3, 4], 2, 0],
  ] as [string, number[], number, number][])('differentiates %s', (_name, shape, axis, batchDims) => {
    const indices = tf.tidy(() => {
      const batch = shape.slice(0, batchDims);
      const size = batch.reduce((a, b) => a * b, 3);
      return tf.tensor(
        Array.from({ length: size }, (_, i) => (i * 2) % 3),
        [...batch, 3],
        'int32',
      );
    });
    checkGradients((x) => tf.square(tf.gather(x!, indices, axis, batchDims)), [{ shape }]);
    indices.dispose();
  });
});
