import * as tf from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { disposeTree } from '@equimodal/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { plusDiagonal, positiveDefinite, solveDirect, times, toTree, toVector, vector, type Matrix } from '../learned/quadratic.fixture.js';
import { conjugateGradient } from './conjugate-gradient.js';
import { identitySolver } from './identity.js';
import type { LinearMap } from './solution.js';

const N = 6;
const map = (a: Matrix): LinearMap & { calls: number } => {
  const apply = Object.assign(
    (v: Tree): Tree => {
      apply.calls++;
      return toTree(times(a, toVector(v)));
    },
    { calls: 0 },
  );
  return apply;
};
const diagonal = (values: readonly number[]): number[][] => values.map((value, i) => values.map((_, j) => (i === j ? value : 0)));
const distance = (x: readonly number[], y: readonly number[]): number => Math.hypot(...x.map((value, i) => value - y[i]!));
const length = (x: readonly number[]): number => Math.hypot(...x);

beforeAll(async () => {
  await startTestEngine();
});

describe('conjugateGradient', () => {
  it.each([1, 2, 3])('agrees with elimination after n iterations (matrix %d)', (seed) => {
    const a = positiveDefinite(N, seed, 0.5);
    const b = vector(N, seed);
    const tree = toTree(b);
    const { solution, residual, iterations, negativeCurvature } = conjugateGradient(map(a), tree, { iterations: N, tolerance: 0 });
    const exact = solveDirect(a, b);
    expect(distance(toVector(solution), exact) / length(exact)).toBeLessThan(1e-4);
    expect(residual).toBeLessThan(1e-4);
    expect(iterations).toBe(N);
    expect(negativeCurvature).toBe(false);
  });

  it('tells the true residual of an unfinished iteration', () => {
    const a = positiveDefinite(N, 4, 0.1);
    const b = vector(N, 4);
    for (const iterations of [1, 2, 3]) {
      const { solution, residual } = conjugateGradient(map(a), toTree(b), { iterations, tolerance: 0 });
      const truth = distance(times(a, toVector(solution)), b) / length(b);
      expect(Math.abs(residual - truth) / truth).toBeLessThan(1e-3);
    }
  });

  it('returns the iterate with the smallest residual, on an indefinite matrix too', () => {
    // Positive curvature along the first directions, and a residual that grows with every further one.
    const a = diagonal([4, 3, 2, 1, 0.02, -0.01]);
    const b = [1, 1, 1, 1, 0.3, 0.3];
    const residuals = [1, 2, 3, 4, 5].map((iterations) => {
      const { solution, residual } = conjugateGradient(map(a), toTree(b), { iterations, tolerance: 0 });
      expect(Math.abs(residual - distance(times(a, toVector(solution)), b) / length(b))).toBeLessThan(1e-3 * (1 + residual));
      return residual;
    });
    residuals.slice(1).forEach((residual, i) => expect(residual).toBeLessThanOrEqual(residuals[i]! + 1e-6));
  });

  it('needs one iteration per distinct eigenvalue', () => {
    const { residual, iterations } = conjugateGradient(map(diagonal([2, 2, 2, 5, 5, 5])), toTree(vector(N, 1)), {
      iterations: N,
      tolerance: 1e-5,
    });
    expect(iterations).toBe(2);
    expect(residual).toBeLessThan(1e-5);
  });

  it('applies the map once an iteration', () => {
    const apply = map(positiveDefinite(N, 2, 0.5));
    conjugateGradient(apply, toTree(vector(N, 2)), { iterations: 4, tolerance: 0 });
    expect(apply.calls).toBe(4);
  });

  it('returns the right-hand side where the first direction has negative curvature', () => {
    const b = vector(N, 3);
    const a = diagonal([-1, -2, -1, -2, -1, -2]);
    const { solution, residual, iterations, negativeCurvature } = conjugateGradient(map(a), toTree(b), { iterations: N, tolerance: 0 });
    expect(negativeCurvature).toBe(true);
    expect(iterations).toBe(0);
    expect(distance(toVector(solution), b)).toBeLessThan(1e-6);
    expect(residual).toBeCloseTo(distance(times(a, b), b) / length(b), 5);
  });

  it('keeps what it has where a later direction has negative curvature', () => {
    const a = diagonal([4, 4, 4, 4, 4, -1]);
    const b = [1, 1, 1, 1, 1, 0.2];
    const { solution, residual, iterations, negativeCurvature } = conjugateGradient(map(a), toTree(b), { iterations: N, tolerance: 0 });
    expect(negativeCurvature).toBe(true);
    expect(iterations).toBe(1);
    const step = b.reduce((sum, value) => sum + value * value, 0) / b.reduce((sum, value, i) => sum + a[i]![i]! * value * value, 0);
    expect(
      distance(
        toVector(solution),
        b.map((value) => step * value),
      ),
    ).toBeLessThan(1e-6);
    expect(residual).toBeCloseTo(distance(times(a, toVector(solution)), b) / length(b), 5);
  });

  it('takes a zero curvature for a negative one', () => {
    expect(
      conjugateGradient(map(diagonal([0, 0, 0, 0, 0, 0])), toTree(vector(N, 1)), { iterations: 3, tolerance: 0 }).negativeCurvature,
    ).toBe(true);
  });

  it('solves for zero at once', () => {
    const apply = map(positiveDefinite(N, 1, 1));
    const { solution, residual } = conjugateGradient(apply, toTree([0, 0, 0, 0, 0, 0]), { iterations: 3, tolerance: 0 });
    expect(toVector(solution)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(residual).toBe(0);
    expect(apply.calls).toBe(0);
  });

  it('does not hide numbers that are not finite', () => {
    const broken = plusDiagonal(positiveDefinite(N, 1, 1), Number.NaN);
    const { residual, negativeCurvature } = conjugateGradient(map(broken), toTree(vector(N, 1)), { iterations: 3, tolerance: 0 });
    expect(residual).toBeNaN();
    expect(negativeCurvature).toBe(false);
  });

  it.each([
    ['definite', positiveDefinite(N, 5, 0.5)],
    ['indefinite', diagonal([4, 4, 4, 4, 4, -1])],
    ['negative', diagonal([-1, -1, -1, -1, -1, -1])],
  ])('leaves only the solution behind (%s)', (_, a) => {
    const b = toTree([1, 1, 1, 1, 1, 0.2]);
    const before = tf.memory().numTensors;
    const { solution } = conjugateGradient(map(a), b, { iterations: 4, tolerance: 0 });
    expect(tf.memory().numTensors - before).toBe(Object.keys(solution).length);
    disposeTree(solution);
    expect(tf.memory().numTensors).toBe(before);
    disposeTree(b);
  });
});

describe('identitySolver', () => {
  it('scales the right-hand side and tells the residual', () => {
    const a = positiveDefinite(N, 2, 0.5);
    const b = vector(N, 2);
    const tree = toTree(b);
    const before = tf.memory().numTensors;
    const { solution, residual } = identitySolver(map(a), tree, { rate: 0.25 });
    expect(tf.memory().numTensors - before).toBe(2);
    const expected = b.map((value) => value / 4);
    expect(distance(toVector(solution), expected)).toBeLessThan(1e-6);
    expect(residual).toBeCloseTo(distance(times(a, expected), b) / length(b), 5);
  });

  it('is exact for a multiple of the identity', () => {
    const { residual } = identitySolver(map(diagonal([4, 4, 4, 4, 4, 4])), toTree(vector(N, 2)), { rate: 0.25 });
    expect(residual).toBeLessThan(1e-6);
  });
});
