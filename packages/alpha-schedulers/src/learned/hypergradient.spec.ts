import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { hypergradient, type HypergradientOptions } from './hypergradient.js';
import {
  bilevelProblem,
  dot,
  gradientOf,
  minimiser,
  mix,
  plusDiagonal,
  positiveDefinite,
  solveDirect,
  times,
  toTree,
  valueOf,
  vector,
  type Bilevel,
} from './quadratic.fixture.js';

const N = 6;
const BILEVEL: Bilevel = {
  classification: { curvature: positiveDefinite(N, 1, 0.4), center: vector(N, 1) },
  alignment: { curvature: positiveDefinite(N, 2, 0.6), center: vector(N, 2) },
  outer: { curvature: positiveDefinite(N, 3, 0.5), center: vector(N, 3) },
};
const EXACT: HypergradientOptions = {
  solver: 'conjugate-gradient',
  iterations: N,
  tolerance: 0,
  damping: 0,
  differences: 'central',
  epsilon: 1e-3,
  innerRate: 1,
};

/** Slope of outer(theta*(alpha)), by differences of the closed form in double precision. */
function slope(alpha: number): number {
  const outer = (at: number): number => valueOf(BILEVEL.outer, minimiser(BILEVEL, at));
  return (outer(alpha + 1e-5) - outer(alpha - 1e-5)) / 2e-5;
}
const at = (alpha: number) => bilevelProblem(BILEVEL, toTree(minimiser(BILEVEL, alpha)));

beforeAll(async () => {
  await startTestEngine();
});

describe('with conjugate gradients', () => {
  it.each([0.1, 0.3, 0.5, 0.8, 0.95])('is the slope of the outer loss at the inner minimum (alpha %d)', (alpha) => {
    const { value, residual } = hypergradient(at(alpha), alpha, EXACT);
    expect(Math.abs(value - slope(alpha))).toBeLessThan(2e-3 * Math.max(0.1, Math.abs(slope(alpha))));
    expect(residual).toBeLessThan(1e-3);
  });

  it('solves the damped system away from the minimum too', () => {
    const [alpha, damping] = [0.4, 0.3];
    const theta = vector(N, 8);
    const hessian = plusDiagonal(mix(BILEVEL.classification.curvature, BILEVEL.alignment.curvature, alpha), damping);
    const v = solveDirect(hessian, gradientOf(BILEVEL.outer, theta));
    const [c, a] = [gradientOf(BILEVEL.classification, theta), gradientOf(BILEVEL.alignment, theta)];
    const expected = -dot(
      a.map((value, i) => value - c[i]!),
      v,
    );
    const found = hypergradient(bilevelProblem(BILEVEL, toTree(theta)), alpha, { ...EXACT, damping });
    expect(Math.abs(found.value - expected)).toBeLessThan(2e-3 * Math.abs(expected));
    expect(found.cosine).toBeCloseTo(dot(c, a) / Math.sqrt(dot(c, c) * dot(a, a)), 4);
    expect(found.classification).toBeCloseTo(valueOf(BILEVEL.classification, theta), 4);
    expect(found.alignment).toBeCloseTo(valueOf(BILEVEL.alignment, theta), 4);
    expect(found.outer).toBeCloseTo(valueOf(BILEVEL.outer, theta), 4);
  });

  it('comes nearer with every iteration', () => {
    const errors = [1, 3, 6].map((iterations) => Math.abs(hypergradient(at(0.5), 0.5, { ...EXACT, iterations }).value - slope(0.5)));
    expect(errors[2]!).toBeLessThan(errors[0]! / 10);
    expect(errors[2]!).toBeLessThan(errors[1]!);
  });

  it('costs three backward passes and two an iteration', () => {
    const problem = at(0.5);
    hypergradient(problem, 0.5, { ...EXACT, iterations: 4 });
    expect(problem.passes).toBe(3 + 2 * 4);
  });

  it('costs three and one an iteration with one-sided differences, which a quadratic cannot tell', () => {
    const problem = at(0.5);
    const options: HypergradientOptions = { ...EXACT, iterations: 4, differences: 'one-sided' };
    const { value } = hypergradient(problem, 0.5, options);
    expect(problem.passes).toBe(3 + 4);
    expect(Math.abs(value - hypergradient(at(0.5), 0.5, { ...EXACT, iterations: 4 }).value)).toBeLessThan(2e-3 * Math.abs(value));
  });

  it('goes on with the outer gradient where the inner problem is a maximum', () => {
    const upsideDown: Bilevel = {
      ...BILEVEL,
      classification: { ...BILEVEL.classification, curvature: positiveDefinite(N, 1, 0.4).map((row) => row.map((value) => -value)) },
    };
    const theta = vector(N, 8);
    const { value, negativeCurvature } = hypergradient(bilevelProblem(upsideDown, toTree(theta)), 0, EXACT);
    const u = gradientOf(BILEVEL.alignment, theta).map((entry, i) => entry - gradientOf(upsideDown.classification, theta)[i]!);
    const expected = -dot(u, gradientOf(BILEVEL.outer, theta));
    expect(negativeCurvature).toBe(true);
    expect(Math.abs(value - expected)).toBeLessThan(1e-4 * Math.abs(expected));
  });
});

describe('with the identity', () => {
  it('is the scaled inner product of the gradients', () => {
    const theta = vector(N, 8);
    const [c, a, g] = [BILEVEL.classification, BILEVEL.alignment, BILEVEL.outer].map((quadratic) => gradientOf(quadratic, theta));
    const problem = bilevelProblem(BILEVEL, toTree(theta));
    const found = hypergradient(problem, 0.4, { ...EXACT, solver: 'identity', innerRate: 0.2 });
    const expected =
      0.2 *
      dot(
        c!.map((value, i) => value - a![i]!),
        g!,
      );
    expect(Math.abs(found.value - expected)).toBeLessThan(1e-4 * Math.abs(expected));
    const v = g!.map((value) => 0.2 * value);
    const product = times(mix(BILEVEL.classification.curvature, BILEVEL.alignment.curvature, 0.4), v);
    expect(found.residual).toBeCloseTo(Math.hypot(...product.map((value, i) => value - g![i]!)) / Math.hypot(...g!), 3);
    expect(found.iterations).toBe(0);
    expect(problem.passes).toBe(5);
  });
});

describe('tensors', () => {
  it.each([
    ['identity', 'central'],
    ['neumann', 'one-sided'],
    ['conjugate-gradient', 'one-sided'],
  ] as const)('are all disposed (%s, %s)', (solver, differences) => {
    const problem = at(0.5);
    const before = tf.memory().numTensors;
    hypergradient(problem, 0.5, { ...EXACT, solver, differences, damping: 0.1 });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('are all disposed where the problem throws', () => {
    const problem = at(0.5);
    const before = tf.memory().numTensors;
    const fails = () => {
      throw new Error('out of memory');
    };
    expect(() => hypergradient({ ...problem, inner: fails }, 0.5, EXACT)).toThrow('out of memory');
    expect(() => hypergradient({ ...problem, product: fails }, 0.5, { ...EXACT, differences: 'one-sided' })).toThrow('out of memory');
    expect(tf.memory().numTensors).toBe(before);
  });
});
