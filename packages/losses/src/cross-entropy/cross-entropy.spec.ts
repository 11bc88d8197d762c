import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectAgreement, matrix, numberOf, softmaxOf, type Rows } from '../pairs/gradient.fixture.js';
import { crossEntropyLoss } from './cross-entropy.js';

const LOGITS: Rows = [
  [2.2, -0.4, -2.35],
  [0, 1.4, -0.6],
  [-1.15, 1.2, 1.1],
  [-0.15, 0.95, -0.4],
];
const LABELS = [0, 1, 2, 1];

const create = (options: unknown) =>
  crossEntropyLoss.create(crossEntropyLoss.options.parse(options), { classes: 3 }, { resolve: () => expect.fail('nothing to resolve') });
const compute = (options: unknown, logits = matrix(LOGITS), weights?: number[]) =>
  create(options).compute({
    logits,
    labels: tf.tensor1d(LABELS, 'int32'),
    classes: 3,
    ...(weights === undefined ? {} : { sampleWeights: tf.tensor1d(weights) }),
  });

/** Per-sample losses in plain numbers. */
const losses = (logits: Rows, smoothing: number) =>
  logits.map((row, i) =>
    softmaxOf(row).reduce((sum, p, c) => sum - ((c === LABELS[i] ? 1 - smoothing : 0) + smoothing / 3) * Math.log(p), 0),
  );
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('cross-entropy', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('is the mean of -log p of the true class', () => {
    expect(numberOf(compute({}))).toBeCloseTo(0.415807, 5);
  });

  it.each([0, 0.3])('agrees with plain numbers, value and gradient (smoothing %f)', (smoothing) => {
    expectAgreement(
      (logits) => compute({ smoothing }, logits),
      (logits) => mean(losses(logits, smoothing)),
      [LOGITS],
    );
  });

  it('is log(classes) for equal logits, smoothed or not', () => {
    const equal = () => tf.zeros([4, 3]) as tf.Tensor;
    expect(numberOf(compute({}, equal()))).toBeCloseTo(Math.log(3), 6);
    expect(numberOf(compute({ smoothing: 0.5 }, equal()))).toBeCloseTo(Math.log(3), 6);
  });

  it('takes sample weights as a weighted mean', () => {
    const weights = [2, 0, 1, 0.5];
    const each = losses(LOGITS, 0);
    const expected = each.reduce((sum, value, i) => sum + value * weights[i]!, 0) / 3.5;
    expect(numberOf(compute({}, undefined, weights))).toBeCloseTo(expected, 5);
  });

  it('refuses a smoothing outside [0, 1]', () => {
    expect(crossEntropyLoss.options.safeParse({ smoothing: 1.1 }).success).toBe(false);
    expect(crossEntropyLoss.options.safeParse({ smoothing: -0.1 }).success).toBe(false);
  });

  it('has no label left at a smoothing of 1', () => {
    const values = [0, 1].map((label) => {
      const { compute } = crossEntropyLoss.create(crossEntropyLoss.options.parse({ smoothing: 1 }), { classes: 2 }, {} as never);
      return compute({ logits: tf.tensor2d([[1, -2]]), labels: tf.tensor1d([label], 'int32'), classes: 2 }).dataSync()[0]!;
    });
    expect(values[0]).toBeCloseTo(values[1]!, 6);
    expect(values[0]).toBeCloseTo(Math.log(Math.E + Math.exp(-2)) - (1 - 2) / 2, 5);
  });
});
