import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { ogmCoefficients, ogmRatios, ogmScores } from './coefficients.js';
import { expectNumbers, LABELS, matrix, numbers, Z_AUDIO, Z_VISUAL } from '../fixture/context.fixture.js';

beforeAll(async () => {
  await startTestEngine();
});

const labels = () => tf.tensor1d(LABELS, 'int32');

describe('ogmScores', () => {
  it('sums the probability of the true class over the batch', () => {
    expectNumbers(ogmScores([matrix(Z_AUDIO), matrix(Z_VISUAL)], labels(), 3), [2.69027, 1.453584]);
  });

  it('looks at one sample at a time', () => {
    const pAudio = [0.897164, 0.712335, 0.447646, 0.633125];
    const pVisual = [0.429625, 0.349564, 0.35477, 0.319626];
    for (const [i, label] of LABELS.entries()) {
      const one = ogmScores([matrix([Z_AUDIO[i]!]), matrix([Z_VISUAL[i]!])], tf.tensor1d([label], 'int32'), 3);
      expectNumbers(one, [pAudio[i]!, pVisual[i]!]);
    }
  });
});

describe('ogmRatios', () => {
  it('is one score over the other for two modalities', () => {
    expectNumbers(ogmRatios(tf.tensor1d([2.69027, 1.453584])), [1.850784, 0.540312]);
  });

  it('is the mean of the ratios to the others for three', () => {
    expectNumbers(ogmRatios(tf.tensor1d([3, 2, 1])), [2.25, 1.333333, 0.416667]);
  });

  it('is exactly 1 at a tie, for any number of modalities', () => {
    for (const count of [2, 3, 5]) {
      expect(numbers(ogmRatios(tf.fill([count], 0.3)))).toEqual(Array.from({ length: count }, () => 1));
    }
  });

  it('stays finite when a modality gives the true classes nothing', () => {
    const ratios = ogmRatios(tf.tensor1d([2, 0]));
    expect(numbers(ratios).every(Number.isFinite)).toBe(true);
    expectNumbers(ogmCoefficients(ratios, 0.8), [0, 1]);
    expect(numbers(ogmRatios(tf.tensor1d([0, 0])))).toEqual([1, 1]);
  });
});

describe('ogmCoefficients', () => {
  const ratios = () => ogmRatios(tf.tensor1d([2.69027, 1.453584]));

  it.each([
    [0.1, 0.817006],
    [0.8, 0.098415],
  ])('damps the modality that is ahead (alpha %f)', (alpha, expected) => {
    expectNumbers(ogmCoefficients(ratios(), alpha), [expected, 1]);
    expectNumbers(ogmCoefficients(tf.reverse(ratios()), alpha), [1, expected]);
  });

  it('damps every one of three that is ahead', () => {
    expectNumbers(ogmCoefficients(ogmRatios(tf.tensor1d([3, 2, 1])), 0.3), [0.411741, 0.620051, 1]);
  });

  it('leaves all alone with alpha 0', () => {
    expectNumbers(ogmCoefficients(ratios(), 0), [1, 1]);
  });

  it('damps nobody at a tie, where the released form damps the first', () => {
    const tie = () => tf.tensor1d([1, 1]);
    expectNumbers(ogmCoefficients(tie(), 0.8, 'paper'), [1, 1]);
    expectNumbers(ogmCoefficients(tie(), 0.8, 'released'), [0.335963, 1]);
  });

  it('is the same in both forms where one is ahead', () => {
    expectNumbers(ogmCoefficients(ratios(), 0.8, 'released'), [0.098415, 1]);
    expectNumbers(ogmCoefficients(tf.reverse(ratios()), 0.8, 'released'), [1, 0.098415]);
  });
});
