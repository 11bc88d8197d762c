import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { expect, it } from 'vitest';
import { checkGradients, expectClose, numbers, onEachEngine, tensorOf } from '../../test-engine/checks.fixture.js';
import { tensorCount } from '../tensor-count.js';
import { batchNormTraining } from './batch-norm.js';
import { batchNormRunning } from './running.js';

/** The definition, in double precision. */
function reference(x: Float32Array, scale: number[], offset: number[], epsilon: number) {
  const channels = scale.length;
  const column = (c: number): number[] => [...x].filter((_, i) => i % channels === c);
  const mean = scale.map((_, c) => column(c).reduce((a, b) => a + b, 0) / column(c).length);
  const variance = scale.map((_, c) => column(c).reduce((a, b) => a + (b - mean[c]!) ** 2, 0) / column(c).length);
  const y = [...x].map((v, i) => {
    const c = i % channels;
    return (scale[c]! * (v - mean[c]!)) / Math.sqrt(variance[c]! + epsilon) + offset[c]!;
  });
  return { y, mean, variance };
}

onEachEngine((id) => {
  it.each([
    ['rank 2', [7, 3]],
    ['rank 4', [2, 3, 4, 3]],
    ['rank 3', [2, 5, 3]],
  ] as [string, number[]][])('normalises and gives mean and biased variance (%s)', (_name, shape) => {
    const before = tensorCount();
    tf.tidy(() => {
      const x = numbers(
        shape.reduce((a, b) => a * b, 1),
        5,
      ).map((v, i) => 3 * v + (i % 3));
      const expected = reference(x, [1, 2, -0.5], [0, 1, 4], 1e-3);
      const actual = batchNormTraining(tf.tensor(x, shape), tf.tensor1d([1, 2, -0.5]), tf.tensor1d([0, 1, 4]), 1e-3);
      expect(actual.y.shape).toEqual(shape);
      expectClose(actual.y.dataSync(), expected.y);
      expectClose(actual.mean.dataSync(), expected.mean);
      expectClose(actual.variance.dataSync(), expected.variance);
    });
    expect(tensorCount()).toBe(before);
  });

  it('has zero variance for a single row', () => {
    tf.tidy(() => {
      const { y, variance } = batchNormTraining(tf.tensor2d([[5, -2]]), tf.tensor1d([1, 1]), tf.tensor1d([3, 4]), 1e-5);
      expectClose(y.dataSync(), [3, 4]);
      expectClose(variance.dataSync(), [0, 0]);
    });
  });

  it.each([
    ['rank 2', [6, 3]],
    ['rank 4', [2, 2, 3, 3]],
  ] as [string, number[]][])('has the gradients of its definition (%s)', (_name, shape) => {
    // cpu and wasm: statistics in double precision make the differences sharper.
    checkGradients((x, scale, offset) => batchNormTraining(x!, scale!, offset!, 1e-3).y, [{ shape }, { shape: [3] }, { shape: [3] }], {
      tolerance: id === 'native' ? 1e-2 : 5e-3,
    });
  });

  it.each([
    ['rank 2', [7, 3], 0.1],
    ['rank 4', [2, 3, 4, 3], 0.25],
    ['nothing but the batch', [7, 3], 1],
    ['nothing of the batch', [7, 3], 0],
  ] as [string, number[], number][])('moves running statistics towards the batch, the variance unbiased (%s)', (_name, shape, momentum) => {
    const before = tensorCount();
    tf.tidy(() => {
      const x = numbers(
        shape.reduce((a, b) => a * b, 1),
        5,
      ).map((v, i) => 3 * v + (i % 3));
      const [scale, offset] = [tf.tensor1d([1, 2, -0.5]), tf.tensor1d([0, 1, 4])];
      const expected = reference(x, [1, 2, -0.5], [0, 1, 4], 1e-3);
      const running = { mean: tf.tensor1d([3, -1, 0]), variance: tf.tensor1d([2, 0.5, 1]), momentum };
      const actual = batchNormRunning(tf.tensor(x, shape), scale, offset, 1e-3, running);
      expect(actual.y.shape).toEqual(shape);
      expectClose(actual.y.dataSync(), expected.y);
      const rows = x.length / 3;
      const moved = (old: number[], batch: number[], factor: number): number[] =>
        old.map((v, c) => (1 - momentum) * v + momentum * factor * batch[c]!);
      expectClose(actual.running.mean.dataSync(), moved([3, -1, 0], expected.mean, 1), 1e-6);
      expectClose(actual.running.variance.dataSync(), moved([2, 0.5, 1], expected.variance, rows / (rows - 1)), 1e-6);
    });
    expect(tensorCount()).toBe(before);
  });

  it.each([
    ['rank 2', [6, 3]],
    ['rank 4', [2, 2, 3, 3]],
  ] as [string, number[]][])('has the same gradients with running statistics (%s)', (_name, shape) => {
    const running = () => ({ mean: tf.tensor1d([3, -1, 0]), variance: tf.tensor1d([2, 0.5, 1]), momentum: 0.1 });
    checkGradients(
      (x, scale, offset) => batchNormRunning(x!, scale!, offset!, 1e-3, running()).y,
      [{ shape }, { shape: [3] }, { shape: [3] }],
      { tolerance: id === 'native' ? 1e-2 : 5e-3 },
    );
  });

  it('passes no gradient through the statistics', () => {
    tf.tidy(() => {
      const gradient = tf.grad((x) => tf.sum(tf.mul(batchNormTraining(x, tf.ones([2]), tf.zeros([2]), 1e-3).mean, 7)));
      expectClose(gradient(tensorOf([4, 2])).dataSync(), new Float32Array(8));
    });
  });

  it('refuses a scale of another size', () => {
    const tensors = [tensorOf([4, 2]), tf.ones([3]), tf.zeros([2])] as const;
    expect(() => batchNormTraining(...tensors, 1e-3)).toThrow(EquimodalError);
    tf.dispose([...tensors]);
  });

  it('refuses running statistics of another size', () => {
    tf.tidy(() => {
      const running = { mean: tf.zeros([3]), variance: tf.ones([3]), momentum: 0.1 };
      expect(() => batchNormRunning(tensorOf([4, 2]), tf.ones([2]), tf.zeros([2]), 1e-3, running)).toThrow(EquimodalError);
    });
  });
});
