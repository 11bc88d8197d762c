import * as tf from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { disposeTree } from '@equimodal/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { positiveDefinite, solveDirect, times, toTree, toVector, vector, type Matrix } from '../learned/quadratic.fixture.js';
import { neumannSeries } from './neumann.js';
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
const length = (x: readonly number[]): number => Math.hypot(...x);
const distance = (x: readonly number[], y: readonly number[]): number => length(x.map((value, i) => value - y[i]!));

beforeAll(async () => {
  await startTestEngine();
});

describe('neumannSeries', () => {
  it('is the truncated series', () => {
    const [a, b, eta] = [positiveDefinite(N, 1, 0.5), vector(N, 1), 0.1];
    for (const iterations of [1, 2, 4]) {
      let term = b;
      let sum = b.map(() => 0);
      for (let k = 0; k < iterations; k++) {
        sum = sum.map((value, i) => value + eta * term[i]!);
        const product = times(a, term);
        term = term.map((value, i) => value - eta * product[i]!);
      }
      const apply = map(a);
      const { solution, residual, iterations: done } = neumannSeries(apply, toTree(b), { iterations, rate: eta });
      expect(distance(toVector(solution), sum)).toBeLessThan(1e-5);
      expect(residual).toBeCloseTo(distance(times(a, sum), b) / length(b), 4);
      expect([done, apply.calls]).toEqual([iterations, iterations]);
    }
  });

  it('comes nearer to the solution with every term, at a step of its own', () => {
    const [a, b] = [positiveDefinite(N, 2, 0.5), vector(N, 2)];
    const exact = solveDirect(a, b);
    const errors = [1, 4, 16, 200].map((iterations) =>
      distance(toVector(neumannSeries(map(a), toTree(b), { iterations, rate: null }).solution), exact),
    );
    for (const [i, error] of errors.slice(1).entries()) expect(error).toBeLessThan(errors[i]!);
    expect(errors[3]! / length(exact)).toBeLessThan(1e-2);
  });

  it('ends where terms grow: a step too long, or negative curvature', () => {
    const long = neumannSeries(map(diagonal([4, 1, 1, 1, 1, 1])), toTree([1, 0, 0, 0, 0, 0]), { iterations: 50, rate: 1 });
    expect(long.iterations).toBe(1);
    expect(long.negativeCurvature).toBe(false);
    const upsideDown = neumannSeries(map(diagonal([-1, -1, -1, -1, -1, -1])), toTree(vector(N, 3)), { iterations: 50, rate: null });
    expect(upsideDown.iterations).toBe(1);
    expect(upsideDown.negativeCurvature).toBe(true);
  });

  it('solves for zero, and does not hide numbers that are not finite', () => {
    const zero = neumannSeries(map(positiveDefinite(N, 1, 1)), toTree([0, 0, 0, 0, 0, 0]), { iterations: 3, rate: null });
    expect(toVector(zero.solution)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(zero.residual).toBe(0);
    const broken = neumannSeries(map(diagonal([Number.NaN, 1, 1, 1, 1, 1])), toTree(vector(N, 1)), { iterations: 3, rate: 0.1 });
    expect(broken.residual).toBeNaN();
  });

  it('leaves only the solution behind', () => {
    const b = toTree(vector(N, 1));
    const before = tf.memory().numTensors;
    const { solution } = neumannSeries(map(positiveDefinite(N, 5, 0.5)), b, { iterations: 4, rate: null });
    expect(tf.memory().numTensors - before).toBe(Object.keys(solution).length);
    disposeTree(solution);
    expect(tf.memory().numTensors).toBe(before);
    disposeTree(b);
  });
});
