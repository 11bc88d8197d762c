import { startTestEngine } from '@equimodal/engine';
import { openScope } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { reverseJensenShannon } from '../divergence/divergence.js';
import { matrix, numberOf } from '../pairs/gradient.fixture.js';
import { reverseJsLoss } from './reverse-js.js';

const LOGITS = {
  audio: [
    [1.85, -0.5, -2.1],
    [-0.15, 1.25, -0.6],
  ],
  image: [
    [0.35, 0.1, -0.25],
    [0.15, 0.15, 0],
  ],
  text: [
    [-1, 0.4, 0.2],
    [2, -0.3, 0.1],
  ],
};

describe('the alignment "reverse-js"', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('compares unimodal posteriors, mean over all pairs, and needs no features', () => {
    const { audio, image, text } = LOGITS;
    const pairs = [
      [audio, image],
      [audio, text],
      [image, text],
    ] as const;
    const expected = pairs.reduce((sum, [a, b]) => sum + numberOf(reverseJensenShannon(matrix(a), matrix(b))) / 3, 0);
    const modalities = Object.keys(LOGITS);
    const alignment = reverseJsLoss.create(
      {},
      { modalities, featureSizes: {}, classes: 3 },
      { resolve: () => expect.fail('nothing to resolve') },
    );
    const value = alignment.compute(
      {
        modalities,
        features: {},
        unimodal: Object.fromEntries(Object.entries(LOGITS).map(([name, rows]) => [name, matrix(rows)])),
        labels: tf.tensor1d([0, 1], 'int32'),
      },
      openScope({ params: {}, state: {}, training: true }).scope,
    );
    expect(numberOf(value)).toBeCloseTo(expected, 5);
    expect(alignment.init).toBeUndefined();
  });
});
