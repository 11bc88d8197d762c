import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { startTestEngine } from '../test-engine/test-engine.js';
import { ABSOLUTE, disagreement, RELATIVE } from './guard.js';

beforeAll(async () => {
  await startTestEngine('cpu');
});

const compare = (replayed: tf.Tensor, eager: tf.Tensor): string | undefined => {
  const found = disagreement({ tree: { leaf: replayed } }, { tree: { leaf: eager } });
  tf.dispose([replayed, eager]);
  return found;
};

it('accepts differences of rounding, by the scale of the leaf', () => {
  expect(compare(tf.tensor1d([1000, 1]), tf.tensor1d([1000, 1 + 900 * RELATIVE]))).toBeUndefined();
  expect(compare(tf.tensor1d([0]), tf.tensor1d([ABSOLUTE * 0.9]))).toBeUndefined();
});

it.each([
  ['a number far off', [1, 2], [1, 2.1]],
  ['a number where eager has NaN', [1, 2], [1, NaN]],
  ['NaN where eager has a number', [1, NaN], [1, 2]],
  ['infinity where eager has a number', [1, Infinity], [1, 2]],
])('refuses %s, and names the leaf', (_name, replayed, eager) => {
  expect(compare(tf.tensor1d(replayed), tf.tensor1d(eager))).toMatch(/^tree\/leaf: /);
});

it('takes NaN and infinity for equal to themselves', () => {
  expect(compare(tf.tensor1d([NaN, Infinity, 1]), tf.tensor1d([NaN, Infinity, 1]))).toBeUndefined();
});

it('is exact on integers, and on shape and type', () => {
  expect(compare(tf.tensor1d([1000], 'int32'), tf.tensor1d([1001], 'int32'))).toMatch(/differs by 1/);
  expect(compare(tf.ones([2, 1]), tf.ones([1, 2]))).toMatch(/\[2, 1\], eager float32 \[1, 2\]/);
  expect(compare(tf.ones([1], 'int32'), tf.ones([1]))).toMatch(/int32/);
});
