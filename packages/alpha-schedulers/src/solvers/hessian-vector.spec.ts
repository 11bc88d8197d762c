import * as tf from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { disposeTree, valueAndGradients } from '@equimodal/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { positiveDefinite, times, toTree, toVector, vector } from '../learned/quadratic.fixture.js';
import { hessianVectorProduct } from './hessian-vector.js';

const distance = (x: readonly number[], y: readonly number[]): number => Math.hypot(...x.map((value, i) => value - y[i]!));
const relative = (x: readonly number[], truth: readonly number[]): number => distance(x, truth) / Math.hypot(...truth);

beforeAll(async () => {
  await startTestEngine();
});

describe('on a quadratic', () => {
  const a = positiveDefinite(6, 1, 0.5);
  const gradient = (params: Tree): Tree => toTree(times(a, toVector(params)));

  it.each([1e-6, 1, 1e6])('is A v for a direction of length about %d', (scale) => {
    const v = vector(6, 2).map((value) => value * scale);
    const product = hessianVectorProduct(gradient, toTree(vector(6, 5)), toTree(v), 1e-3);
    expect(relative(toVector(product), times(a, v))).toBeLessThan(1e-3);
  });

  it('is A v for parameters of length about 1000', () => {
    const params = toTree(vector(6, 5).map((value) => value * 500));
    const v = vector(6, 2);
    expect(relative(toVector(hessianVectorProduct(gradient, params, toTree(v), 1e-3)), times(a, v))).toBeLessThan(1e-3);
  });

  it('is zero for no direction, without a gradient', () => {
    const never = (): Tree => {
      throw new Error('not needed');
    };
    expect(toVector(hessianVectorProduct(never, toTree(vector(6, 5)), toTree([0, 0, 0, 0, 0, 0]), 1e-3))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('leaves only the product behind', () => {
    const [params, v] = [toTree(vector(6, 5)), toTree(vector(6, 2))];
    const before = tf.memory().numTensors;
    const product = hessianVectorProduct(gradient, params, v, 1e-3);
    expect(tf.memory().numTensors - before).toBe(2);
    disposeTree(product);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('disposes the moved parameters where the gradient throws', () => {
    const [params, v] = [toTree(vector(6, 5)), toTree(vector(6, 2))];
    const before = tf.memory().numTensors;
    const broken = (): Tree => {
      throw new Error('out of memory');
    };
    expect(() => hessianVectorProduct(broken, params, v, 1e-3)).toThrow('out of memory');
    expect(tf.memory().numTensors).toBe(before);
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
  const errorAt = (epsilon: number): number =>
    relative(toVector(hessianVectorProduct(gradient, toTree(weights), toTree(v), epsilon)), exact);

  it('is right to three digits at the default distance', () => {
    expect(errorAt(1e-3)).toBeLessThan(1e-3);
  });

  it('loses digits to rounding below and to curvature above', () => {
    const best = Math.min(errorAt(1e-3), errorAt(4e-3));
    expect(errorAt(1e-6)).toBeGreaterThan(10 * best);
    expect(errorAt(0.5)).toBeGreaterThan(10 * best);
  });
});
