import * as tf from '@tensorflow/tfjs-core';
import type { AlphaMoment, BilevelProblem, Resolver } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { bilevelProblem, gradientOf, mix, positiveDefinite, times, toTree, vector, type Bilevel } from '../learned/quadratic.fixture.js';
import { releasedHvpAlpha } from './released-hvp.js';

const N = 6;
const classification = { curvature: positiveDefinite(N, 1, 0.4), center: vector(N, 1) };
/** Inner and outer data are the same samples. */
const BILEVEL: Bilevel = {
  classification,
  alignment: { curvature: positiveDefinite(N, 2, 0.6), center: vector(N, 2) },
  outer: classification,
};
const theta = vector(N, 8);
const create = (options: object = {}) => releasedHvpAlpha.create(releasedHvpAlpha.options.parse(options), { epochs: 50 }, {} as Resolver);
const moment = (epoch: number, alpha: number): AlphaMoment => ({ epoch, step: 0, epochs: 50, stepsPerEpoch: 5, alpha });
const problem = () => bilevelProblem(BILEVEL, toTree(theta));
/** Mean over the kernel (the first four) of H grad L_cls. */
const meanAt = (alpha: number): number =>
  times(mix(BILEVEL.classification.curvature, BILEVEL.alignment.curvature, alpha), gradientOf(classification, theta))
    .slice(0, 4)
    .reduce((sum, value) => sum + value / 4, 0);

beforeAll(async () => {
  await startTestEngine();
});

describe('released-hvp', () => {
  it('moves alpha by the mean of the product over one parameter', () => {
    const { alpha, details } = create({ rate: 0.01, parameter: 'encoders/a/kernel' }).update(moment(3, 0.5), problem);
    expect(details!['mean']).toBeCloseTo(meanAt(0.5), 3);
    expect(alpha).toBeCloseTo(0.5 - 0.01 * meanAt(0.5), 4);
  });

  it('halves its rate every twenty epochs, and begins before the first', () => {
    const rates = [0, 19, 20, 39, 40].map((epoch) => create().update(moment(epoch, 0.5), problem).details!['rate']);
    expect(rates).toEqual([1e-4, 1e-4, 5e-5, 5e-5, 2.5e-5]);
  });

  it('stays within its bounds', () => {
    const [low, high] = [create({ rate: 1e9 }).update(moment(0, 0.5), problem).alpha, create().initial];
    expect([0.05, 0.95]).toContain(low);
    expect(high).toBe(0.95);
  });

  it('chooses the first kernel of a convolution', () => {
    const leaves: Record<string, tf.Tensor> = {
      'encoders/a/scale': tf.ones([2]),
      'encoders/a/kernel': tf.ones([1, 1, 1, 1]),
      'encoders/b/kernel': tf.ones([1, 1, 1, 1]),
    };
    const read: string[] = [];
    const small: BilevelProblem = {
      ...problem(),
      paths: Object.keys(leaves),
      leaf: (_, path) => (read.push(path), tf.clone(leaves[path]!)),
    };
    create().update(moment(0, 0.5), () => small);
    expect(read.at(-1)).toBe('encoders/a/kernel');
    expect(() => create({ parameter: 'encoders/c' }).update(moment(0, 0.5), () => small)).toThrow('no parameter "encoders/c"');
  });

  it('declares few samples that stay', () => {
    expect(create().outer).toMatchObject({ from: 'held-out', rows: 16, batchSize: 8, inner: 'outer', fixed: true });
  });

  it('leaves no tensor behind', () => {
    const own = problem();
    const before = tf.memory().numTensors;
    create().update(moment(1, 0.5), () => own);
    expect(tf.memory().numTensors).toBe(before);
  });
});
