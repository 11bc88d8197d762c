import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { ABSOLUTE, difference, RELATIVE } from './difference.js';

beforeAll(async () => void (await startTestEngine()));

const compare = (compiled: tf.Tensor, eager: tf.Tensor, input?: tf.Tensor): string | undefined => {
  const found = difference({ tree: { leaf: compiled } }, { tree: { leaf: eager } }, input === undefined ? {} : { tree: { leaf: input } });
  tf.dispose([compiled, eager]);
  input?.dispose();
  return found;
};

describe('difference', () => {
  it('allows rounding, by the largest number of the leaf', () => {
    expect(compare(tf.tensor1d([1000, 1]), tf.tensor1d([1000, 1 + 900 * RELATIVE]))).toBeUndefined();
    expect(compare(tf.tensor1d([0]), tf.tensor1d([ABSOLUTE * 0.9]))).toBeUndefined();
    expect(compare(tf.tensor1d([1000, 1]), tf.tensor1d([1000, 1 + 1100 * RELATIVE]))).toMatch(/^tree\/leaf: differs by 2.2/);
  });

  it('holds what replaces an input to the size of the change, and to rounding', () => {
    const before = (): tf.Tensor => tf.tensor1d([10, -20]);
    const after = (by: number): tf.Tensor => tf.tensor1d([10 + by, -20]);
    expect(compare(after(0.012), after(0.01))).toBeUndefined();
    expect(compare(after(0.012), after(0.01), before())).toMatch(/differs by 0.00200, tolerance 0.000110/);
    expect(compare(after(0.01 + 5e-5), after(0.01), before())).toBeUndefined();
    // Of another shape it replaces nothing.
    expect(compare(after(0.012), after(0.01), tf.tensor2d([[10, -20]]))).toBeUndefined();
  });

  it.each([
    ['a number where eager execution has NaN', [1, 2], [1, NaN]],
    ['NaN where eager execution has a number', [1, NaN], [1, 2]],
    ['infinity where eager execution has a number', [1, Infinity], [1, 2]],
  ])('finds %s', (_name, compiled, eager) => {
    expect(compare(tf.tensor1d(compiled), tf.tensor1d(eager))).toMatch(/^tree\/leaf: /);
  });

  it('takes NaN and infinity for equal to themselves', () => {
    expect(compare(tf.tensor1d([NaN, Infinity, 1]), tf.tensor1d([NaN, Infinity, 1]))).toBeUndefined();
  });

  it('is exact on integers, shapes, types and names', () => {
    expect(compare(tf.tensor1d([1000], 'int32'), tf.tensor1d([1001], 'int32'))).toMatch(/differs by 1/);
    expect(compare(tf.ones([2, 1]), tf.ones([1, 2]))).toMatch(/got float32 \[2, 1\], expected float32 \[1, 2\]/);
    expect(compare(tf.ones([1], 'int32'), tf.ones([1]))).toMatch(/got int32/);
    const leaf = tf.scalar(1);
    expect(difference({ tree: { leaf } }, { tree: { leaf, other: leaf } }, {})).toMatch(/names of its outputs: .* tree\/other/);
    expect(difference({ tree: { leaf, other: leaf } }, { tree: { leaf } }, {})).toMatch(/names of its outputs/);
    leaf.dispose();
  });
});
