import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError, type AlphaMoment, type BilevelProblem, type Resolver, type Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { disposeTree } from '@equimodal/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { learnedAlpha } from './learned.js';
import {
  bilevelProblem,
  dot,
  gradientOf,
  minimiser,
  mix,
  positiveDefinite,
  solveDirect,
  toTree,
  vector,
  type Bilevel,
} from './quadratic.fixture.js';

const N = 6;
const HELD_OUT: Bilevel = {
  classification: { curvature: positiveDefinite(N, 1, 0.4), center: vector(N, 1) },
  alignment: { curvature: positiveDefinite(N, 2, 0.6), center: vector(N, 2) },
  outer: { curvature: positiveDefinite(N, 3, 0.5), center: vector(N, 3) },
};
const SAME_DATA: Bilevel = { ...HELD_OUT, outer: HELD_OUT.classification };

const create = (options: object = {}) => learnedAlpha.create(learnedAlpha.options.parse(options), { epochs: 10 }, {} as Resolver);
const moment = (epoch: number, alpha: number, step = 0): AlphaMoment => ({ epoch, step, epochs: 10, stepsPerEpoch: 5, alpha });
const never = (): BilevelProblem => {
  throw new Error('not needed yet');
};

beforeAll(async () => {
  await startTestEngine();
});

describe('an update', () => {
  it('is one clipped gradient step, with its figures', () => {
    const [alpha, rate, damping] = [0.6, 0.05, 0.2];
    const theta = vector(N, 8);
    const { alpha: next, details } = create({ rate, damping, iterations: N, tolerance: 0 }).update(moment(1, alpha), () =>
      bilevelProblem(HELD_OUT, toTree(theta)),
    );
    const hessian = mix(HELD_OUT.classification.curvature, HELD_OUT.alignment.curvature, alpha).map((row, i) =>
      row.map((value, j) => value + (i === j ? damping : 0)),
    );
    const v = solveDirect(hessian, gradientOf(HELD_OUT.outer, theta));
    const c = gradientOf(HELD_OUT.classification, theta);
    const expected = -dot(
      gradientOf(HELD_OUT.alignment, theta).map((value, i) => value - c[i]!),
      v,
    );
    expect(Math.abs(details!['hypergradient']! - expected)).toBeLessThan(2e-3 * Math.abs(expected));
    expect(next).toBeCloseTo(alpha - rate * details!['hypergradient']!, 12);
    expect(Object.keys(details!).sort()).toEqual(
      [
        'cosine',
        'damped',
        'hypergradient',
        'iterations',
        'lossAlignment',
        'lossClassification',
        'negativeCurvature',
        'negativeCurvatures',
        'outerLoss',
        'previous',
        'residual',
        'skipped',
      ].sort(),
    );
    expect(details).toMatchObject({ previous: alpha, damped: damping, iterations: N, negativeCurvature: 0, skipped: 0 });
    expect(Object.values(details!).every(Number.isFinite)).toBe(true);
  });

  it.each([
    ['up', 1, 0.999],
    ['down', -1, 0.001],
  ])('stays within [0, 1] (%s)', (_, sign, alpha) => {
    // L_cls and the outer loss pull to opposite ends: the sign of the hypergradient is known.
    const identity = [0, 1, 2, 3, 4, 5].map((i) => [0, 1, 2, 3, 4, 5].map((j) => (i === j ? 1 : 0)));
    const end = (value: number) => ({ curvature: identity, center: [value, value, value, value, value, value] });
    const problem = { classification: end(-1), alignment: end(1), outer: end(2 * sign) };
    const { alpha: next, details } = create({ rate: 1000, maxChange: 1 }).update(moment(1, alpha), () =>
      bilevelProblem(problem, toTree(minimiser(problem, alpha))),
    );
    expect(Math.sign(details!['hypergradient']!)).toBe(-sign);
    expect(next).toBe(sign > 0 ? 1 : 0);
  });

  it('changes by at most maxChange, however steep the slope', () => {
    const alpha = 0.9;
    const steep = (maxChange: number) =>
      create({ rate: 1000, maxChange }).update(moment(1, alpha), () => bilevelProblem(HELD_OUT, toTree(vector(N, 8)))).alpha;
    const free = steep(1);
    expect(Math.abs(steep(0.05) - alpha)).toBeCloseTo(0.05, 12);
    expect(Math.sign(steep(0.05) - alpha)).toBe(Math.sign(free - alpha));
  });

  it('waits until something is trained', () => {
    expect(create().update(moment(0, 1), never)).toEqual({ alpha: 1, details: { previous: 1 } });
    expect(() => create().update(moment(0, 1, 1), never)).toThrow('not needed yet');
  });

  it('keeps alpha where the hypergradient overflowed, and counts it', () => {
    const scheduler = create();
    const problem = bilevelProblem(HELD_OUT, toTree(vector(N, 8)));
    const overflown = (at: Tree) => ({ classification: toTree(vector(N, 1).map(() => Number.NaN)), loss: problem.outer(at).loss });
    const { alpha, details } = scheduler.update(moment(1, 0.7), () => ({ ...problem, outer: overflown }));
    expect(alpha).toBe(0.7);
    expect(details).toMatchObject({ skipped: 1 });
    expect(details).not.toHaveProperty('hypergradient');
  });

  it('leaves no tensor behind, however often', () => {
    const scheduler = create();
    const params = toTree(vector(N, 8));
    const before = tf.memory().numTensors;
    let alpha = scheduler.initial;
    for (let epoch = 1; epoch < 20; epoch++) ({ alpha } = scheduler.update(moment(epoch, alpha), () => bilevelProblem(HELD_OUT, params)));
    expect(tf.memory().numTensors).toBe(before);
    disposeTree(params);
  });
});

describe('many updates with the inner problem solved in between', () => {
  function descend(bilevel: Bilevel, options: object, epochs: number): { alphas: number[]; hypergradients: number[] } {
    const scheduler = create({ damping: 0, iterations: N, tolerance: 0, ...options });
    const alphas = [scheduler.initial];
    const hypergradients: number[] = [];
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const alpha = alphas.at(-1)!;
      const params = toTree(minimiser(bilevel, alpha));
      const update = scheduler.update(moment(epoch, alpha), () => bilevelProblem(bilevel, params));
      disposeTree(params);
      alphas.push(update.alpha);
      hypergradients.push(update.details!['hypergradient']!);
    }
    return { alphas, hypergradients };
  }

  it('fall to 0 monotonically where outer and inner data are the same', () => {
    const { alphas, hypergradients } = descend(SAME_DATA, { rate: 0.2 }, 60);
    expect(hypergradients.every((value) => value > -1e-4)).toBe(true);
    for (let i = 1; i < alphas.length; i++) expect(alphas[i]!).toBeLessThanOrEqual(alphas[i - 1]! + 1e-4);
    expect(alphas.at(-1)!).toBeLessThan(0.02);
  });

  it.each([0.2, 0.5, 0.9])("equal (1 / alpha) g' H^-1 g there (alpha %d)", (alpha) => {
    const theta = minimiser(SAME_DATA, alpha);
    const g = gradientOf(SAME_DATA.classification, theta);
    const expected = dot(g, solveDirect(mix(SAME_DATA.classification.curvature, SAME_DATA.alignment.curvature, alpha), g)) / alpha;
    const { details } = create({ damping: 0, iterations: N, tolerance: 0 }).update(moment(1, alpha), () =>
      bilevelProblem(SAME_DATA, toTree(theta)),
    );
    expect(expected).toBeGreaterThan(0);
    expect(Math.abs(details!['hypergradient']! - expected)).toBeLessThan(5e-3 * expected);
  });

  it('stop between 0 and 1 where the outer data want some alignment', () => {
    // The outer minimum is the inner one at alpha = 0.35, so that is where the descent must end.
    const bilevel: Bilevel = { ...HELD_OUT, outer: { curvature: HELD_OUT.outer.curvature, center: minimiser(HELD_OUT, 0.35) } };
    expect(descend(bilevel, { rate: 0.1 }, 100).alphas.at(-1)!).toBeCloseTo(0.35, 2);
  });
});

describe('the scheduler', () => {
  it('declares its data and its pace', () => {
    const scheduler = create({ outer: 'train', outerFraction: 0.2, outerBatchSize: 32, innerBatchSize: 48, everySteps: 7, initial: 0.8 });
    expect(scheduler.outer).toEqual({ from: 'train', fraction: 0.2, loss: 'classification', batchSize: 32, innerBatchSize: 48 });
    expect(scheduler.everySteps).toBe(7);
    expect(scheduler.initial).toBe(0.8);
    expect(create().everySteps).toBeUndefined();
    expect(create().outer?.from).toBe('held-out');
    expect(create().outer?.fraction).toBe(0.1);
    expect(create({ outer: 'validation' }).outer).toMatchObject({ from: 'validation', fraction: 0.5 });
    expect(create({ outerLoss: 'unimodal' }).outer?.loss).toBe('unimodal');
    expect(create().initial).toBe(1);
  });

  it('stays between its bounds', () => {
    const options = { rate: 1000, maxChange: 1, initial: 0.6 };
    const problem = () => bilevelProblem(HELD_OUT, toTree(minimiser(HELD_OUT, 0.6)));
    const free = create(options).update(moment(1, 0.6), problem).alpha;
    expect([0, 1]).toContain(free);
    const bounded = create({ ...options, min: 0.2, max: 0.7 }).update(moment(1, 0.6), problem).alpha;
    expect(bounded).toBe(free === 0 ? 0.2 : 0.7);
  });

  it('updates each k epochs, at a rate for as many updates', () => {
    const scheduler = create({ everyEpochs: 3, maxChange: 1 });
    const problem = () => bilevelProblem(HELD_OUT, toTree(vector(N, 8)));
    expect(scheduler.update(moment(1, 0.5), never).alpha).toBe(0.5);
    expect(scheduler.update(moment(2, 0.5), never).alpha).toBe(0.5);
    const { alpha, details } = scheduler.update(moment(3, 0.5), problem);
    expect(alpha).toBeCloseTo(Math.min(1, Math.max(0, 0.5 - (3 / 3) * details!['hypergradient']!)), 10);
  });

  it('solves by a Neumann series too', () => {
    const options = { damping: 0, tolerance: 0, iterations: 400, rate: 1, maxChange: 1 };
    const at = (solver: string) =>
      create({ ...options, solver }).update(moment(1, 0.6), () => bilevelProblem(HELD_OUT, toTree(minimiser(HELD_OUT, 0.6)))).details!;
    expect(at('neumann')['hypergradient']).toBeCloseTo(at('conjugate-gradient')['hypergradient']!, 3);
  });

  it('resumes with the same counts and the same numbers', () => {
    const problem = () => bilevelProblem(HELD_OUT, toTree(vector(N, 8)));
    const straight = create();
    let alpha = straight.initial;
    for (const epoch of [1, 2, 3]) ({ alpha } = straight.update(moment(epoch, alpha), problem));
    const state: unknown = JSON.parse(JSON.stringify(straight.state!()));
    expect(state).toEqual({ updates: 3, negativeCurvatures: 0, skipped: 0 });
    const resumed = create();
    resumed.restore!(state as never);
    expect(resumed.update(moment(4, alpha), problem)).toEqual(straight.update(moment(4, alpha), problem));
    expect(resumed.state!()).toEqual(straight.state!());
  });

  it('counts negative curvature over the run', () => {
    const scheduler = create({ damping: 0 });
    const flipped = {
      ...HELD_OUT,
      classification: { ...HELD_OUT.classification, curvature: positiveDefinite(N, 1, 0.4).map((row) => row.map((value) => -value)) },
    };
    for (const epoch of [1, 2]) scheduler.update(moment(epoch, 0), () => bilevelProblem(flipped, toTree(vector(N, 8))));
    expect(scheduler.state!()).toEqual({ updates: 2, negativeCurvatures: 2, skipped: 0 });
  });

  it('refuses the state of something else', () => {
    expect(() => create().restore!({ epoch: 3 })).toThrow(EquimodalError);
    try {
      create().restore!(null);
    } catch (error) {
      expect((error as EquimodalError).code).toBe('EQM_CHECKPOINT_MISMATCH');
    }
  });

  it.each([
    { solver: 'inverse' },
    { min: 0.5, max: 0.4, initial: 0.5 },
    { max: 0.9 },
    { everySteps: 3, everyEpochs: 2 },
    { iterations: 0 },
    { damping: -1 },
    { rate: 0 },
    { outer: 'test' },
    { outerFraction: 1 },
    { everySteps: 0 },
    { epsilon: 0 },
  ])('refuses %o', (options) => {
    expect(learnedAlpha.options.safeParse(options).success).toBe(false);
  });
});
