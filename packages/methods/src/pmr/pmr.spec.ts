import { startTestEngine } from '@equimodal/engine';
import { valueAndGradients } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers, LABELS, matrix, numbers, PHI_AUDIO, PHI_VISUAL } from '../fixture/context.fixture.js';
import { epochOf } from '../fixture/epoch.fixture.js';
import { pmr, type PmrOptions } from './pmr.js';
import { lag, prototypeCrossEntropy, prototypeEntropy, prototypeLogProbabilities, prototypeScore } from './prototypes.js';

const RUN = { modalities: ['audio', 'visual'], featureSizes: { audio: 2, visual: 2 }, classes: 3, epochs: 10 };
const PAPER: PmrOptions = {
  form: 'paper',
  alpha: 1,
  mu: 0.01,
  entropyEpochs: null,
  momentum: 0.2,
  fraction: 0.1,
  start: 0,
  end: null,
};
const C_AUDIO = [
  [2, 0],
  [0, 2],
  [-2, 0],
];
const C_VISUAL = [
  [0.5, 0],
  [0, 0.5],
  [-0.5, 0],
];
const CE = 0.415807;
const labels = () => tf.tensor1d(LABELS, 'int32');
const memory = (seen = [1, 1, 1]) => ({
  seen: tf.tensor1d(seen) as tf.Tensor,
  'prototypes/audio': matrix(C_AUDIO),
  'prototypes/visual': matrix(C_VISUAL),
});
const total = (terms: readonly { value: tf.Tensor; weight: number | tf.Tensor }[]) =>
  numbers(tf.addN(terms.map(({ value, weight }) => tf.mul(value, weight))))[0]!;

describe('prototypes', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('judge modalities by distance', () => {
    const seen = tf.ones([3]);
    const [audio, visual] = [
      prototypeLogProbabilities(matrix(PHI_AUDIO), matrix(C_AUDIO), seen),
      prototypeLogProbabilities(matrix(PHI_VISUAL), matrix(C_VISUAL), seen),
    ];
    const scores = [audio, visual].map((log) => prototypeScore(log, labels(), 3, tf.ones([4])));
    expectNumbers(tf.stack(scores), [2.836187, 1.506524]);
    expectNumbers(tf.mean(prototypeCrossEntropy(audio, labels(), 3)), [0.353443]);
    expectNumbers(tf.mean(prototypeCrossEntropy(visual, labels(), 3)), [0.994605]);
    expectNumbers(tf.mean(prototypeEntropy(audio)), [0.750541]);
    expectNumbers(tf.mean(prototypeEntropy(visual)), [1.065943]);
    expectNumbers(lag(tf.stack(scores)), [0, 0.882603]);
    expectNumbers(lag(tf.tensor1d([1, 3, 2])), [1, 0, 0.5]);
  });

  it('have a gradient where a feature lies on its prototype', () => {
    const features = matrix([[2, 0]]);
    const { gradients } = valueAndGradients(
      () => ({
        value: tf.sum(
          prototypeCrossEntropy(prototypeLogProbabilities(features, matrix(C_AUDIO), tf.ones([3])), tf.tensor1d([0], 'int32'), 3),
        ),
        aux: {},
      }),
      { features },
    );
    expect(numbers(gradients['features']!).every(Number.isFinite)).toBe(true);
  });
});

describe('pmr', () => {
  const fused = () => [{ name: 'fused', kind: 'classification' as const, value: tf.scalar(CE), weight: 1 }];
  const step = (options: PmrOptions, controls: Record<string, number>, seen?: number[]) => {
    const given = contextOf({ memory: memory(seen), terms: fused(), controls });
    return { ...given, terms: pmr(options, RUN).losses!(given.context)! };
  };

  it('pulls the modality that lags, with and without the entropy bonus', () => {
    const { terms, reported } = step(PAPER, { bonus: 0 });
    expect(total(terms)).toBeCloseTo(1.293649, 5);
    expectNumbers([reported()['lag/audio']!, reported()['lag/visual']!], [0, 0.882603]);
    expect(total(step(PAPER, { bonus: 1 }).terms)).toBeCloseTo(1.287024, 5);
    expect(total(step(PAPER, { bonus: 1, active: 0 }).terms)).toBeCloseTo(CE, 5);
  });

  it('has the released form', () => {
    expect(total(step({ ...PAPER, form: 'released' }, { bonus: 1 }).terms)).toBeCloseTo(1.410412, 5);
    const code = expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }) as unknown;
    expect(() => pmr({ ...PAPER, form: 'released' }, { ...RUN, modalities: ['a', 'b', 'c'] })).toThrow(code as Error);
  });

  it('leaves samples of a class without a prototype out', () => {
    const { terms } = step(PAPER, { bonus: 1 }, [1, 0, 1]);
    for (const { value, weight } of terms) expect(numbers(tf.mul(value, weight)).every(Number.isFinite)).toBe(true);
    const none = step(PAPER, { bonus: 1 }, [0, 0, 0]);
    expect(total(none.terms)).toBeCloseTo(CE, 5);
  });

  it('makes prototypes from a part of the data; a class that is absent keeps its own', async () => {
    const rows = {
      labels: [0, 0, 1],
      features: {
        audio: [
          [1, 1],
          [3, 3],
          [5, 5],
        ],
        visual: [
          [0, 1],
          [0, 3],
          [0, 5],
        ],
      },
    };
    const zeros = { seen: [0, 0, 0], 'prototypes/audio': [0, 0, 0, 0, 0, 0], 'prototypes/visual': [0, 0, 0, 0, 0, 0] };
    const first = epochOf({ passes: { train: [rows] }, memory: zeros });
    await pmr(PAPER, RUN).epochStart!(first.context);
    expect(first.done).toEqual(['pass train 0.1']);
    expect([...first.memory['prototypes/audio']!]).toEqual([2, 2, 5, 5, 0, 0]);
    expect([...first.memory['seen']!]).toEqual([1, 1, 0]);
    const old = { seen: [1, 0, 1], 'prototypes/audio': [2, 0, 9, 9, 7, 7], 'prototypes/visual': [0, 0, 0, 0, 0, 0] };
    const one = { labels: [0], features: { audio: [[1, 1]], visual: [[0, 1]] } };
    const second = epochOf({ epoch: 3, passes: { train: [one] }, memory: old });
    await pmr(PAPER, RUN).epochStart!(second.context);
    expectNumbers([...second.memory['prototypes/audio']!], [1.2, 0.8, 9, 9, 7, 7]);
  });

  it('gives the bonus in the first half of the run', async () => {
    const bonusAt = async (epoch: number) => {
      const { context } = epochOf({ epoch, memory: { seen: [0, 0, 0] } });
      return (await pmr(PAPER, RUN).epochStart!(context))!.controls!['bonus'];
    };
    expect(await Promise.all([0, 4, 5].map(bonusAt))).toEqual([1, 1, 0]);
  });
});
