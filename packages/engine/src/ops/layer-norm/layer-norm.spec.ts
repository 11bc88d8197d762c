import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { expect, it } from 'vitest';
import { checkGradients, expectClose, numbers, onEachEngine, tensorOf } from '../../test-engine/checks.fixture.js';
import { tensorCount } from '../tensor-count.js';
import { layerNormalize } from './layer-norm.js';

/** The definition, in double precision, for rows of five. */
function reference(x: Float32Array, scale: Float32Array, offset: Float32Array, epsilon: number): number[] {
  return [...x].map((value, i) => {
    const row = [...x.subarray(i - (i % 5), i - (i % 5) + 5)];
    const mean = row.reduce((sum, v) => sum + v, 0) / 5;
    const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 5;
    return (scale[i % 5]! * (value - mean)) / Math.sqrt(variance + epsilon) + offset[i % 5]!;
  });
}

onEachEngine(() => {
  it.each([
    ['rank 2', [4, 5]],
    ['rank 3', [2, 3, 5]],
    ['rank 4', [2, 1, 3, 5]],
  ] as [string, number[]][])('normalises the last axis (%s)', (_name, shape) => {
    const before = tensorCount();
    const values = numbers(
      shape.reduce((a, b) => a * b, 1),
      8,
    );
    const [scale, offset] = [numbers(5, 9), numbers(5, 10)];
    tf.tidy(() => {
      const y = layerNormalize(tf.tensor(values.slice(), shape), tf.tensor1d(scale.slice()), tf.tensor1d(offset.slice()), 1e-3);
      expect(y.shape).toEqual(shape);
      expectClose(y.dataSync(), reference(values, scale, offset, 1e-3), 1e-6);
    });
    checkGradients((x, s, o) => layerNormalize(x!, s!, o!, 1e-3), [{ shape }, { shape: [5] }, { shape: [5] }], { step: 1e-3 });
    expect(tensorCount()).toBe(before);
  });

  it('is exact far from zero, and finite for rows without any variance', () => {
    tf.tidy(() => {
      const [scale, offset] = [tf.ones([2]), tf.zeros([2])];
      const far = tf.tensor2d([10_000, 10_002, 7, 7], [2, 2]);
      expectClose(layerNormalize(far, scale, offset, 1e-5).dataSync(), [-1, 1, 0, 0], 1e-5);
      const gradient = tf.grad((x) => tf.sum(tf.square(layerNormalize(x, scale, offset, 1e-5))))(far);
      expect([...gradient.dataSync()].every(Number.isFinite)).toBe(true);
    });
  });

  it('refuses a gradient of its gradient, and shapes that do not fit', () => {
    tf.tidy(() => {
      const [scale, offset] = [tf.ones([3]), tf.zeros([3])];
      const gradient = (x: tf.Tensor) => tf.grad((z) => tf.sum(tf.square(layerNormalize(z, scale, offset, 1))))(x);
      expect(() => tf.grad((x) => tf.sum(tf.square(gradient(x))))(tensorOf([2, 3]))).toThrow(/gradient function not found/);
      expect(() => layerNormalize(tf.ones([2, 4]), scale, offset, 1)).toThrow(EquimodalError);
      expect(() => layerNormalize(tf.ones([3]), scale, offset, 1)).toThrow(EquimodalError);
      expect(() => layerNormalize(tf.ones([2, 3], 'int32'), scale, offset, 1)).toThrow(EquimodalError);
    });
  });
});
