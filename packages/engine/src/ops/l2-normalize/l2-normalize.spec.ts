import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { checkGradients, expectClose, numbers, onEachEngine, tensorOf } from '../../test-engine/checks.fixture.js';
import { tensorCount } from '../tensor-count.js';
import { l2Normalize } from './l2-normalize.js';

onEachEngine(() => {
  it.each([
    ['rank 2', [4, 5]],
    ['rank 3', [2, 3, 5]],
    ['rank 1', [5]],
  ] as [string, number[]][])('divides by the norm of the last axis (%s)', (_name, shape) => {
    const before = tensorCount();
    const values = numbers(
      shape.reduce((a, b) => a * b, 1),
      8,
    );
    tf.tidy(() => {
      const y = l2Normalize(tf.tensor(values, shape), 1e-3);
      expect(y.shape).toEqual(shape);
      const expected = [...values].map((v, i) => {
        const row = values.slice(i - (i % 5), i - (i % 5) + 5);
        return v / Math.sqrt(row.reduce((sum, x) => sum + x * x, 1e-3));
      });
      expectClose(y.dataSync(), expected, 1e-6);
    });
    checkGradients((x) => l2Normalize(x!, 1e-3), [{ shape }], { step: 1e-3 });
    expect(tensorCount()).toBe(before);
  });

  it('keeps zero, with a finite gradient', () => {
    tf.tidy(() => {
      expect([...l2Normalize(tf.zeros([1, 3]), 1e-12).dataSync()]).toEqual([0, 0, 0]);
      const gradient = tf.grad((x) => tf.sum(l2Normalize(x, 1e-12)))(tf.zeros([1, 3]));
      expectClose(gradient.dataSync(), [1e6, 1e6, 1e6]);
    });
  });

  it('refuses a gradient of its gradient', () => {
    tf.tidy(() => {
      const gradient = (x: tf.Tensor) => tf.grad((z) => tf.sum(tf.square(l2Normalize(z, 1))))(x);
      expect(() => tf.grad((x) => tf.sum(tf.square(gradient(x))))(tensorOf([2, 3]))).toThrow(/gradient function not found/);
    });
  });
});
