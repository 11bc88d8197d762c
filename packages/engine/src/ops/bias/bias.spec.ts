import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { expect, it } from 'vitest';
import { checkGradients, expectClose, numbers, onEachEngine, tensorOf } from '../../test-engine/checks.fixture.js';
import { tensorCount } from '../tensor-count.js';
import { addBias } from './bias.js';

onEachEngine((id) => {
  it.each([
    ['rank 2', [5, 3]],
    ['rank 3', [2, 4, 3]],
    ['rank 4', [2, 3, 4, 3]],
  ] as [string, number[]][])('adds along the last axis, with the sum over the others as gradient (%s)', (_name, shape) => {
    const before = tensorCount();
    const values = numbers(
      shape.reduce((a, b) => a * b, 1),
      5,
    );
    tf.tidy(() => {
      const y = addBias(tf.tensor(values, shape), tf.tensor1d([1, -2, 0.5]));
      expect(y.shape).toEqual(shape);
      expectClose(
        y.dataSync(),
        values.map((v, i) => v + [1, -2, 0.5][i % 3]!),
        1e-6,
      );
    });
    checkGradients((x, bias) => tf.square(addBias(x!, bias!)), [{ shape }, { shape: [3] }]);
    expect(tensorCount()).toBe(before);
  });

  it.skipIf(id === 'native')('sums many rows in double precision', () => {
    tf.tidy(() => {
      // 4e5 rows of 0.1: a running float32 sum, TensorFlow's, ends 0.2 percent off.
      const gradient = tf.grad((bias) => tf.sum(tf.mul(addBias(tf.zeros([400_000, 2]), bias), 0.1)))(tf.zeros([2]));
      expectClose(gradient.dataSync(), [40_000, 40_000], 1e-4);
    });
  });

  it('has a gradient of its gradient', () => {
    // Of sum (x + b)^2 / 2 with 4 rows: db = sum (x + b), d sum(db^2) / db = 2 * 4 sum (x + b).
    tf.tidy(() => {
      const x = tensorOf([4, 2]);
      const inner = (bias: tf.Tensor) => tf.grad((b) => tf.sum(tf.mul(tf.square(addBias(x, b)), 0.5)))(bias);
      const outer = tf.grad((bias) => tf.sum(tf.square(inner(bias))))(tf.tensor1d([0.3, -0.7]));
      const sums = tf.sum(tf.add(x, tf.tensor1d([0.3, -0.7])), 0);
      expectClose(outer.dataSync(), tf.mul(sums, 8).dataSync());
    });
  });

  it('refuses what does not fit', () => {
    tf.tidy(() => {
      expect(() => addBias(tensorOf([4, 2]), tf.ones([3]))).toThrow(EquimodalError);
      expect(() => addBias(tensorOf([2]), tf.ones([2]))).toThrow(EquimodalError);
      expect(() => addBias(tf.ones([2, 2], 'int32'), tf.ones([2]))).toThrow(EquimodalError);
    });
  });
});
