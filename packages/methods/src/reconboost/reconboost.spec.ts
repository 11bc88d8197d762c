import { startTestEngine } from '@equimodal/engine';
import { valueAndGradients } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers, LABELS, matrix, numbers, type Rows, Z_AUDIO, Z_VISUAL } from '../fixture/context.fixture.js';
import { epochOf } from '../fixture/epoch.fixture.js';
import { reconboost, type ReconBoostOptions } from './reconboost.js';
import { agreementLoss, releasedResidualLoss, residualLoss } from './residual.js';
import { boostingEpoch } from './stages.js';

const RUN = { modalities: ['audio', 'visual'], featureSizes: { audio: 2, visual: 2 }, classes: 3, epochs: 20 };
const PAPER: ReconBoostOptions = {
  form: 'paper',
  boostEpochs: 4,
  rectifyEpochs: 4,
  lambda: 0.2,
  floor: 1e-4,
  weights: [5, 1],
  agreement: 0.5,
  agreementSpace: 'probability',
};
const OWN: Rows = [
  [1, 0, -1],
  [0, 2, 0],
];
const OTHERS: Rows = [
  [0.5, 0.5, 0],
  [1, 0, 0],
];

describe('residual losses', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const labels = () => tf.tensor1d([0, 2], 'int32');

  it('take a share of the ensemble off the target', () => {
    expectNumbers(residualLoss(matrix(OWN), matrix(OTHERS), labels(), 3, { lambda: 1, floor: 0 }), [-0.212581]);
    expectNumbers(residualLoss(matrix(OWN), matrix(OTHERS), labels(), 3, { lambda: 0.2, floor: 0 }), [1.016344]);
  });

  it('have a lower bound with a floor, and push a class no further below it', () => {
    const far = matrix([[0, 100, -100]]);
    const loss = (floor: number) => (own: tf.Tensor) => residualLoss(own, undefined, tf.tensor1d([1], 'int32'), 3, { lambda: 0.2, floor });
    expectNumbers(loss(0)(far), [-20]);
    expectNumbers(loss(1e-4)(far), [(2 * 0.2 * Math.log(1e-4)) / 3]);
    expect(numbers(tf.grad(loss(1e-4))(far)).every((value) => Math.abs(value) < 1e-6)).toBe(true);
    expect(numbers(tf.grad(loss(0))(far))[2]).toBeCloseTo(0.2 / 3, 5);
  });

  it('have the released form, of the true class alone', () => {
    expectNumbers(releasedResidualLoss(matrix(OWN), matrix(OTHERS), labels(), 3, [5, 1]), [2.100787]);
  });

  it('see a uniform ensemble where there is none', () => {
    expectNumbers(
      residualLoss(matrix(OWN), undefined, labels(), 3, { lambda: 0.2, floor: 0 }),
      numbers(residualLoss(matrix(OWN), tf.zeros([2, 3]), labels(), 3, { lambda: 0.2, floor: 0 })),
    );
  });

  it('agree in probability or logits, with a gradient into the learner alone', () => {
    expectNumbers(agreementLoss(matrix(OWN), matrix(OTHERS), 'probability'), [0.113545]);
    expectNumbers(agreementLoss(matrix([OWN[0]!]), matrix([OWN[1]!]), 'logit'), [2]);
    const [own, before] = [matrix(OWN), matrix(OTHERS)];
    const { gradients } = valueAndGradients(() => ({ value: agreementLoss(own, before, 'probability'), aux: {} }), { own, before });
    expect(numbers(gradients['own']!).some((value) => value !== 0)).toBe(true);
    expect(numbers(gradients['before']!).every((value) => value === 0)).toBe(true);
  });
});

describe('reconboost', () => {
  const params = () => ({ 'methods/tried/rho': tf.scalar(2) });
  const phases = (count: number, epochs: number) => {
    const names = ['audio', 'visual', 'text'].slice(0, count);
    const method = reconboost({ ...PAPER, boostEpochs: 2, rectifyEpochs: 1 }, { ...RUN, modalities: names });
    return Array.from({ length: epochs }, (_, epoch) => {
      const { context, done } = epochOf({ epoch, params: params() });
      return { ...(method.epochStart!(context) as { phase: string; candidate: boolean }), reset: done.length === 1 };
    });
  };

  it('trains one learner after another, and rectifies those there are', () => {
    expect(phases(2, 9).map(({ phase }) => phase)).toEqual([
      'boost audio after ',
      'boost audio after ',
      'rectify audio',
      'boost visual after audio',
      'boost visual after audio',
      'rectify audio+visual',
      'boost audio after audio+visual',
      'boost audio after audio+visual',
      'rectify audio+visual',
    ]);
    expect(phases(3, 9).at(-1)!.phase).toBe('rectify audio+visual+text');
  });

  it('starts each part with a fresh optimizer, and offers no model before every modality has a learner', () => {
    expect(phases(2, 6).map(({ reset }) => reset)).toEqual([true, false, true, true, false, true]);
    expect(phases(2, 7).map(({ candidate }) => candidate)).toEqual([false, false, false, false, false, true, true]);
    expect(boostingEpoch(9, { boost: 4, rectify: 4 })).toEqual({ stage: 1, kind: 'boost', first: false });
  });

  it('updates the learner and the shared head, or the ensemble with its scale', () => {
    const method = reconboost(PAPER, RUN);
    const paths = ['encoders/audio/k', 'encoders/visual/k', 'fusion/head/output/kernel', 'methods/reconboost/rho'];
    const of = (phase: string) => paths.map((path) => method.plan!(phase)[0]!.parameters!(path));
    expect(of('boost visual after audio')).toEqual([false, true, true, false]);
    expect(of('rectify audio')).toEqual([true, false, true, true]);
  });

  it('boosts against rho times the others, and agrees with the learner before', () => {
    const { context } = contextOf({ phase: 'boost visual after audio', params: params() });
    const terms = reconboost(PAPER, RUN).losses!(context)!;
    expect(terms.map(({ name, weight }) => [name, weight])).toEqual([
      ['boost', 1],
      ['agreement', 0.5],
    ]);
    const labels = tf.tensor1d(LABELS, 'int32');
    const twice = Z_AUDIO.map((row) => row.map((value) => 2 * value));
    expectNumbers(terms[0]!.value, numbers(residualLoss(matrix(Z_VISUAL), matrix(twice), labels, 3, { lambda: 0.2, floor: 1e-4 })));
    expectNumbers(terms[1]!.value, numbers(agreementLoss(matrix(Z_VISUAL), matrix(Z_AUDIO), 'probability')));
    const first = contextOf({ phase: 'boost audio after ', params: params() }).context;
    expect(reconboost(PAPER, RUN).losses!(first)!.map(({ name }) => name)).toEqual(['boost']);
  });

  it('rectifies and predicts by rho times the sum', () => {
    const { context } = contextOf({ phase: 'rectify audio+visual', params: params() });
    const sums = Z_AUDIO.map((row, i) => row.map((value, c) => 2 * (value + Z_VISUAL[i]![c]!)));
    const [term] = reconboost(PAPER, RUN).losses!(context)!;
    expect(term!.name).toBe('rectify');
    expectNumbers(term!.value, numbers(context.classification(matrix(sums))));
    expectNumbers(reconboost(PAPER, RUN).predict!(context) as tf.Tensor, sums.flat());
  });
});
