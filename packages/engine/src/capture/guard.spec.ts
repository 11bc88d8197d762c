import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTestEngine } from '../test-engine/test-engine.js';
import { ABSOLUTE, disagreement, RELATIVE } from './guard.js';

beforeAll(async () => {
  await startTestEngine('cpu');
});

/** As an output that replaces an input. */
const compareStep = (input: number[], replayed: number[], eager: number[]): string | undefined =>
  tf.tidy(() => disagreement({ p: { w: tf.tensor1d(replayed) } }, { p: { w: tf.tensor1d(eager) } }, { p: { w: tf.tensor1d(input) } }));
const sized = (n: number, value: (i: number) => number): number[] => Array.from({ length: n }, (_, i) => value(i));

describe('an output that replaces an input', () => {
  const before = sized(200, (i) => Math.sin(i));
  const gradient = sized(200, (i) => Math.cos(3 * i));
  const after = (rate: number): number[] => before.map((value, i) => value - rate * gradient[i]!);

  it('is measured by how far it moved: a gradient that is 5 % off is found', () => {
    expect(compareStep(before, after(1e-3), after(1e-3))).toBeUndefined();
    expect(compareStep(before, after(1.05e-3), after(1e-3))).toMatch(/^p\/w: differs/);
  });

  it('may differ by rounding of its own size', () => {
    const eager = after(1e-3);
    expect(
      compareStep(
        before,
        eager.map((value) => value * (1 + 1e-6)),
        eager,
      ),
    ).toBeUndefined();
  });

  it('may have a few numbers that went the other way, and no more', () => {
    const flipped = (count: number): number[] => before.map((value, i) => value - (i < count ? -1e-3 : 1e-3) * gradient[i]!);
    expect(compareStep(before, flipped(3), after(1e-3))).toBeUndefined();
    expect(compareStep(before, flipped(12), after(1e-3))).toMatch(/differs/);
  });

  it('has no number that went much further than any should', () => {
    const eager = after(1e-3);
    expect(compareStep(before, [eager[0]! + 0.01, ...eager.slice(1)], eager)).toMatch(/differs/);
  });
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
