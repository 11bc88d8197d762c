import * as tf from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { valueAndGradients } from '../autodiff/autodiff.js';
import { disposeTree } from '../tree/tree.js';
import { hessianVectorProduct } from './hessian-vector.js';

/** A symmetric positive definite matrix B B' / n + I / 2 from a fixed sequence of numbers. */
function positiveDefinite(n: number): number[][] {
  const b = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Math.sin(1 + 7.3 * i + 3.1 * j * (i + 1))));
  return b.map((row, i) => b.map((other, j) => dot(row, other) / n + (i === j ? 0.5 : 0)));
}
const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
const times = (a: readonly (readonly number[])[], x: readonly number[]): number[] => a.map((row) => dot(row, x));
const vector = (n: number, seed: number): number[] => Array.from({ length: n }, (_, i) => Math.cos(seed + 2.7 * i));
/** A vector of six as a tree of a 2x2 and a 1-D leaf, and back. */
const toTree = (x: readonly number[]): Tree => ({
  'encoders/a/kernel': tf.tensor2d(x.slice(0, 4), [2, 2]),
  'head/bias': tf.tensor1d(x.slice(4)),
});
const toVector = (tree: Tree): number[] => Object.values(tree).flatMap((leaf) => Array.from(leaf.dataSync()));

/** The product, with what it made on the way gone. */
const product = (gradient: (params: Tree) => Tree, params: Tree, v: Tree, distance: number): Tree =>
  tf.tidy(() => hessianVectorProduct(gradient, params, v, distance) as Record<string, tf.Tensor>);

const distance = (x: readonly number[], y: readonly number[]): number => Math.hypot(...x.map((value, i) => value - y[i]!));
const relative = (x: readonly number[], truth: readonly number[]): number => distance(x, truth) / Math.hypot(...truth);

beforeAll(async () => {
  await startTestEngine();
});

describe('on a quadratic', () => {
  const a = positiveDefinite(6);
  const gradient = (params: Tree): Tree => toTree(times(a, toVector(params)));

  it.each([1e-6, 1, 1e6])('is A v for a direction of length about %d', (scale) => {
    const v = vector(6, 2).map((value) => value * scale);
    const made = product(gradient, toTree(vector(6, 5)), toTree(v), 1e-3);
    expect(relative(toVector(made), times(a, v))).toBeLessThan(1e-3);
  });

  it('is A v for parameters of length about 1000', () => {
    const params = toTree(vector(6, 5).map((value) => value * 500));
    const v = vector(6, 2);
    expect(relative(toVector(product(gradient, params, toTree(v), 1e-3)), times(a, v))).toBeLessThan(1e-3);
  });

  it('is zero for no direction', () => {
    expect(toVector(product(gradient, toTree(vector(6, 5)), toTree([0, 0, 0, 0, 0, 0]), 1e-3))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('takes the distance as a tensor, and leaves only the product behind', () => {
    const [params, v, distance] = [toTree(vector(6, 5)), toTree(vector(6, 2)), tf.scalar(1e-3)];
    const before = tf.memory().numTensors;
    const quadratic = (at: Tree): Tree => Object.fromEntries(Object.entries(at).map(([path, leaf]) => [path, tf.mul(leaf, 3)]));
    const made = tf.tidy(() => hessianVectorProduct(quadratic, params, v, distance) as Record<string, tf.Tensor>);
    expect(tf.memory().numTensors - before).toBe(2);
    expect(
      relative(
        toVector(made),
        vector(6, 2).map((value) => 3 * value),
      ),
    ).toBeLessThan(1e-3);
    disposeTree(made);
  });
});

describe("on a logistic regression, whose Hessian X' S X / n has a closed form", () => {
  const [samples, features] = [40, 6];
  const x = Array.from({ length: samples }, (_, i) => vector(features, 1.7 * i));
  const y = x.map((_, i) => (i % 3 === 0 ? 1 : 0));
  const weights = vector(features, 9).map((value) => 2 * value);
  const v = vector(features, 4);

  // In double precision: H v = (1/n) sum s(1 - s) (x . v) x.
  const exact = new Array<number>(features).fill(0);
  for (const row of x) {
    const z = row.reduce((sum, value, j) => sum + value * weights[j]!, 0);
    const s = 1 / (1 + Math.exp(-z));
    const along = row.reduce((sum, value, j) => sum + value * v[j]!, 0);
    row.forEach((value, j) => (exact[j]! += (s * (1 - s) * along * value) / samples));
  }

  // In float32, by reverse-mode differentiation.
  const gradient = (params: Tree): Tree =>
    tf.tidy(() => {
      const { gradients } = valueAndGradients(() => {
        const w = tf.concat([tf.reshape(params['encoders/a/kernel']!, [4, 1]), tf.reshape(params['head/bias']!, [2, 1])]);
        const z = tf.matMul(tf.tensor2d(x), w);
        const target = tf.tensor2d(y, [samples, 1]);
        return { value: tf.mean(tf.sub(tf.softplus(z), tf.mul(target, z))), aux: {} };
      }, params);
      return gradients as Record<string, tf.Tensor>;
    });
  const errorAt = (epsilon: number): number => relative(toVector(product(gradient, toTree(weights), toTree(v), epsilon)), exact);

  it('is right to three digits at the default distance', () => {
    expect(errorAt(1e-3)).toBeLessThan(1e-3);
  });

  it('loses digits to rounding below and to curvature above', () => {
    const best = Math.min(errorAt(1e-3), errorAt(4e-3));
    expect(errorAt(1e-6)).toBeGreaterThan(10 * best);
    expect(errorAt(0.5)).toBeGreaterThan(10 * best);
  });
});
