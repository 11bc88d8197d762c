import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { checkGradients, expectClose, onEachEngine, tensorOf } from '../../test-engine/checks.fixture.js';
import { tensorCount } from '../tensor-count.js';
import { dropBelow } from './dropout.js';

onEachEngine(() => {
  const uniform = (): tf.Tensor => tf.tensor2d([0.1, 0.25, 0.9, 0.2, 0.3, 0], [2, 3]);

  it('keeps what is not below the rate, and scales it', () => {
    const before = tensorCount();
    tf.tidy(() => {
      const y = dropBelow(tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]), uniform(), 0.25);
      expect(y.shape).toEqual([2, 3]);
      expectClose(y.dataSync(), [0, 8 / 3, 4, 0, 20 / 3, 0], 1e-6);
    });
    checkGradients((x) => dropBelow(x!, uniform(), 0.25), [{ shape: [2, 3] }]);
    expect(tensorCount()).toBe(before);
  });

  it('refuses a gradient of its gradient', () => {
    tf.tidy(() => {
      const gradient = (x: tf.Tensor) => tf.grad((z) => tf.sum(tf.square(dropBelow(z, uniform(), 0.25))))(x);
      expect(() => tf.grad((x) => tf.sum(tf.square(gradient(x))))(tensorOf([2, 3]))).toThrow(/gradient function not found/);
    });
  });
});
