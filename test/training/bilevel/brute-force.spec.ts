import { hypergradient, type HypergradientOptions } from '@equimodal/alpha-schedulers';
import type { BilevelProblem, Engine } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { axpyTree, disposeTree, normTree } from '@equimodal/nn';
import { toyDataset } from '@equimodal/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { MODALITIES, trainToy } from '../support.js';
import { ALL, hostWithProbe } from './probe.js';

/** Long enough that the gradient is gone: see the first test. */
const EPOCHS = 400;
const ALPHA = 0.4;
const DELTA = 0.02;
const WEIGHT_DECAY = 0.05;

const EXACT: HypergradientOptions = {
  solver: 'conjugate-gradient',
  iterations: 60,
  tolerance: 1e-4,
  damping: 0,
  differences: 'central',
  epsilon: 1e-3,
  innerRate: null,
};

let engine: Engine;

/** Trains to the minimum of the inner problem at an alpha, in full batches, and looks at the bilevel problem before the last of many steps. */
async function trainAt<T>(alpha: number, look: (problem: BilevelProblem) => T): Promise<T> {
  const seen: T[] = [];
  const host = hostWithProbe({
    alpha,
    outer: { from: 'held-out', fraction: 0.4 },
    everySteps: EPOCHS - 1,
    look: (problem, { epoch }) => void (epoch > 0 && seen.push(look(problem()))),
  });
  await trainToy(engine, {
    host,
    dataset: toyDataset(MODALITIES, { size: 40, noise: 1.5 }),
    encoders: { default: { use: 'mlp', hidden: [], features: 3 } },
    // Weight decay makes the minimum one point. Smooth alignment, or gradient descent would never stand still.
    recipe: { alignment: 'js', alpha: 'probe' },
    training: {
      epochs: EPOCHS,
      batchSize: ALL,
      selection: 'last',
      measureGradients: 'never',
      optimizer: { use: 'sgd', learningRate: 0.1, momentum: 0.9, weightDecay: WEIGHT_DECAY },
    },
  });
  return seen[0]!;
}

const outerLoss = (problem: BilevelProblem): number => {
  const { classification, loss } = problem.outer(problem.params);
  disposeTree(classification);
  return loss;
};

/** Length of the gradient of what is minimised: the total and the weight decay. */
function steepness(problem: BilevelProblem): number {
  const { params, weightDecay } = problem;
  const total = problem.total(params, ALPHA);
  const length = tf.tidy(() => normTree(axpyTree(total, weightDecay, params)).dataSync()[0]!);
  disposeTree(total);
  return length;
}

const TERMS = [5, 20, 80] as const;
const ITERATIONS = [1, 4, 7, 10] as const;

function figures(problem: BilevelProblem) {
  const value = (options: Partial<HypergradientOptions>, at = problem): number => hypergradient(at, ALPHA, { ...EXACT, ...options }).value;
  return {
    steepness: steepness(problem),
    weightDecay: problem.weightDecay,
    exact: hypergradient(problem, ALPHA, EXACT),
    oneSided: value({ differences: 'one-sided' }),
    withoutDecay: value({}, { ...problem, weightDecay: 0 }),
    conjugateGradient: ITERATIONS.map((iterations) => value({ iterations })),
    neumann: TERMS.map((iterations) => value({ solver: 'neumann', iterations })),
  };
}

/** Slope of the outer loss between two models that were trained on both sides of alpha. */
let slope: number;
let at: ReturnType<typeof figures>;
beforeAll(async () => {
  engine = await startTestEngine();
  slope = ((await trainAt(ALPHA + DELTA, outerLoss)) - (await trainAt(ALPHA - DELTA, outerLoss))) / (2 * DELTA);
  at = await trainAt(ALPHA, figures);
});

const error = (value: number): number => Math.abs(value / slope - 1);

describe('the hypergradient of a trained network, beside models trained at alpha +- 0.02', () => {
  it('is asked for at the minimum', () => {
    expect(at.steepness).toBeLessThan(1e-5);
    expect(at.weightDecay).toBe(WEIGHT_DECAY);
  });

  it('is the slope of the outer loss between them', () => {
    expect(Math.abs(slope)).toBeGreaterThan(0.02);
    expect(at.exact.residual).toBeLessThan(1e-3);
    expect(error(at.exact.value)).toBeLessThan(0.02);
  });

  it('is that slope within a tenth with one-sided differences', () => {
    expect(error(at.oneSided)).toBeLessThan(0.1);
  });

  it('needs the weight decay of training in the Hessian', () => {
    expect(error(at.withoutDecay)).toBeGreaterThan(0.2);
  });

  it('comes nearer with every three iterations of conjugate gradients', () => {
    const errors = at.conjugateGradient.map(error);
    for (const [i, one] of errors.slice(1).entries()) expect(one).toBeLessThan(errors[i]!);
    expect(errors.at(-1)!).toBeLessThan(0.05);
  });

  it('comes nearer with more terms of the Neumann series, but is farther after 20 than conjugate gradients after 7', () => {
    const errors = at.neumann.map(error);
    for (const [i, one] of errors.slice(1).entries()) expect(one).toBeLessThan(errors[i]!);
    expect(errors.at(-1)!).toBeLessThan(0.05);
    expect(errors[1]!).toBeGreaterThan(error(at.conjugateGradient[2]!));
  });
});
