import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { openScope } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { cosineOf, expectAgreement, matrix, numberOf, softmaxOf, type Rows } from '../pairs/gradient.fixture.js';
import { infoNce, infoNceAlignment, infoNceLoss, type InfoNceOptions } from './info-nce.js';

const A: Rows = [
  [0.3, -0.8, 0.5],
  [1.2, 0.4, -0.7],
  [-0.6, 0.9, 0.2],
  [0.1, 0.2, 1.5],
];
const B: Rows = [
  [0.5, -0.3, 0.1],
  [0.7, 0.9, -0.2],
  [-1.1, 0.3, 0.8],
  [0.4, -0.6, 0.9],
];
const C: Rows = [
  [1, 0, 0.2],
  [0.3, 1, 0],
  [0, -0.4, 1],
  [0.5, 0.5, 0.5],
];

/** The paper's formula, in plain numbers. */
function plain(temperature: number) {
  return (a: Rows, b: Rows): number =>
    -a.reduce((sum, own, i) => {
      const forth = softmaxOf(b.map((other) => cosineOf(own, other) / temperature))[i]!;
      const back = softmaxOf(a.map((other) => cosineOf(other, b[i]!) / temperature))[i]!;
      return sum + Math.log(forth) + Math.log(back);
    }, 0) /
    (2 * a.length);
}

const OPTIONS: InfoNceOptions = { temperature: 0.07, learnTemperature: false, negatives: 'all', projection: null };
const context = { modalities: ['a', 'b'], featureSizes: { a: 3, b: 3 }, classes: 2 };
const none = () => openScope({ params: {}, state: {}, training: true }).scope;
const input = (features: Record<string, Rows>) => ({
  modalities: Object.keys(features),
  features: Object.fromEntries(Object.entries(features).map(([name, rows]) => [name, matrix(rows)])),
  unimodal: {},
  labels: tf.tensor1d([0, 1, 0, 1], 'int32'),
});

describe('infoNce', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('is what one computes by hand', () => {
    // S = I, t = 1: log(e + 1) - 1
    expect(
      numberOf(
        infoNce(
          matrix([
            [1, 0],
            [0, 1],
          ]),
          matrix([
            [1, 0],
            [0, 1],
          ]),
          1,
        ),
      ),
    ).toBeCloseTo(0.313262, 5);
    // S = [[1, 1], [0, 0]], t = 1: rows log 2 twice, columns .313262 and 1.313262
    expect(
      numberOf(
        infoNce(
          matrix([
            [1, 0],
            [0, 1],
          ]),
          matrix([
            [1, 0],
            [2, 0],
          ]),
          1,
        ),
      ),
    ).toBeCloseTo(0.753204, 5);
    // S = I, t = .5: log(e^2 + 1) - 2
    expect(
      numberOf(
        infoNce(
          matrix([
            [3, 0],
            [0, 1],
          ]),
          matrix([
            [1, 0],
            [0, 9],
          ]),
          0.5,
        ),
      ),
    ).toBeCloseTo(0.126928, 5);
  });

  it.each([0.07, 0.5])('agrees with the formula in plain numbers, value and gradient (temperature %f)', (temperature) => {
    expectAgreement((a, b) => infoNce(a!, b!, temperature), plain(temperature), [A, B], 3);
  });

  it('is symmetric and does not see the length of a feature', () => {
    const value = numberOf(infoNce(matrix(A), matrix(B), 0.07));
    expect(numberOf(infoNce(matrix(B), matrix(A), 0.07))).toBeCloseTo(value, 5);
    expect(numberOf(infoNce(matrix(A), matrix(B.map((row) => row.map((v) => 7 * v))), 0.07))).toBeCloseTo(value, 4);
  });

  it('is 0 for a batch of one and log(batch) for features that are all alike', () => {
    expect(numberOf(infoNce(matrix([A[0]!]), matrix([B[0]!]), 0.07))).toBeCloseTo(0, 6);
    const alike = matrix([
      [1, 2],
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(numberOf(infoNce(alike, alike, 0.07))).toBeCloseTo(Math.log(4), 5);
  });

  it('stays finite with masked features and at a small temperature', () => {
    const zeros = matrix([
      [0, 0],
      [0, 0],
    ]);
    expect(
      numberOf(
        infoNce(
          zeros,
          matrix([
            [1, 0],
            [0, 1],
          ]),
          0.07,
        ),
      ),
    ).toBeCloseTo(Math.log(2), 5);
    expect(
      numberOf(
        infoNce(
          matrix([
            [1, 0],
            [0, 1],
          ]),
          matrix([
            [-1, 0],
            [0, -1],
          ]),
          0.005,
        ),
      ),
    ).toBeCloseTo(200, 3);
    const [gradient] = tf.grads(
      (x: tf.Tensor) =>
        infoNce(
          x,
          matrix([
            [1, 0],
            [0, 1],
          ]),
          0.07,
        ) as tf.Scalar,
    )([zeros]);
    expect([...gradient!.dataSync()].every(Number.isFinite)).toBe(true);
  });
});

describe('the alignment "info-nce"', () => {
  it('has the published temperature and no projection by default', () => {
    expect(infoNceLoss.options.parse({})).toEqual({ temperature: 0.07, learnTemperature: false, negatives: 'all', projection: null });
    expect(infoNceLoss.options.safeParse({ temperature: 0 }).success).toBe(false);
    expect(infoNceLoss.options.safeParse({ projection: 1.5 }).success).toBe(false);
  });

  it('is the mean over all pairs', () => {
    const alignment = infoNceAlignment(
      { modalities: ['a', 'b', 'c'], featureSizes: { a: 3, b: 3, c: 3 }, classes: 2 },
      { ...OPTIONS, temperature: 0.2 },
    );
    expect(alignment.init).toBeUndefined();
    const expected = (plain(0.2)(A, B) + plain(0.2)(A, C) + plain(0.2)(B, C)) / 3;
    expect(numberOf(alignment.compute(input({ a: A, b: B, c: C }), none()))).toBeCloseTo(expected, 4);
  });

  it('refuses features of different sizes when it is made, unless they are projected', () => {
    const uneven = { ...context, featureSizes: { a: 3, b: 2 } };
    expect(() => infoNceAlignment(uneven, OPTIONS)).toThrow(expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }));
    expect(() => infoNceAlignment(uneven, { ...OPTIONS, projection: 4 })).not.toThrow();
  });

  it('compares projections when asked to, each modality with its own', () => {
    const alignment = infoNceAlignment({ ...context, featureSizes: { a: 3, b: 2 } }, { ...OPTIONS, temperature: 0.3, projection: 2 });
    const { params } = alignment.init!(new RandomStream(1));
    expect(Object.fromEntries(Object.entries(params).map(([path, leaf]) => [path, leaf.shape]))).toEqual({
      'projections/a/kernel': [3, 2],
      'projections/b/kernel': [2, 2],
    });
    const own = {
      'projections/a/kernel': matrix([
        [1, 0],
        [0, 1],
        [0, 0],
      ]),
      'projections/b/kernel': matrix([
        [0, 1],
        [1, 0],
      ]),
    };
    const b = B.map((row) => row.slice(0, 2));
    const value = alignment.compute(input({ a: A, b }), openScope({ params: own, state: {}, training: true }).scope);
    const expected = plain(0.3)(
      A.map((row) => row.slice(0, 2)),
      b.map(([x, y]) => [y!, x!]),
    );
    expect(numberOf(value)).toBeCloseTo(expected, 4);
  });

  it('learns the temperature from where it begins, up to that of CLIP', () => {
    const alignment = infoNceAlignment(context, { ...OPTIONS, temperature: 0.2, learnTemperature: true });
    const { params } = alignment.init!(new RandomStream(1));
    expect(Object.keys(params)).toEqual(['logScale']);
    const at = (own: Readonly<Record<string, tf.Tensor>>) =>
      alignment.compute(input({ a: A, b: B }), openScope({ params: own, state: {}, training: true }).scope);
    expect(numberOf(at(params))).toBeCloseTo(plain(0.2)(A, B), 4);
    const atScale = (scale: number) => numberOf(at({ logScale: tf.scalar(Math.log(scale)) }));
    expect(atScale(300)).toBeCloseTo(atScale(100), 4);
    const slope = numberOf(tf.grad((logScale: tf.Tensor) => at({ logScale }))(tf.scalar(Math.log(5))));
    const step = 1e-3;
    expect(slope).toBeCloseTo((atScale(5 * Math.exp(step)) - atScale(5 * Math.exp(-step))) / (2 * step), 2);
  });

  it('leaves samples of the same class alone when asked to', () => {
    const alignment = infoNceAlignment(context, { ...OPTIONS, temperature: 0.5, negatives: 'other-classes' });
    const labels = [0, 1, 0, 1];
    const log = (own: number, all: number[]) => own - Math.log(all.reduce((sum, value) => sum + Math.exp(value), 0));
    const counts = (i: number, k: number) => i === k || labels[i] !== labels[k];
    const expected =
      -A.reduce((sum, own, i) => {
        const s = (a: readonly number[], b: readonly number[]) => cosineOf(a, b) / 0.5;
        const forth = B.flatMap((other, k) => (counts(i, k) ? [s(own, other)] : []));
        const back = A.flatMap((other, k) => (counts(i, k) ? [s(other, B[i]!)] : []));
        return sum + log(s(own, B[i]!), forth) + log(s(own, B[i]!), back);
      }, 0) /
      (2 * A.length);
    expect(numberOf(alignment.compute(input({ a: A, b: B }), none()))).toBeCloseTo(expected, 4);
  });
});
