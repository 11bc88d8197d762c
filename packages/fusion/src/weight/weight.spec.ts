import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply, expectRows, expectSame, features, matrix } from '../heads/fusion.fixture.js';
import { attentionWeights, elementwiseSum, weight, weightedSum } from './weight.js';

const context = { modalities: ['x', 'y'], featureSizes: { x: 2, y: 2 }, classes: 3 };
const given = () => features({ x: [[1, 2]], y: [[3, -1]] });

describe('weight', () => {
  beforeAll(async () => void (await startTestEngine()));

  it('weighs modalities by the softmax of their scores', () => {
    const weights = attentionWeights([matrix([[0.3]]), matrix([[-0.7]])]);
    expectRows(weights, [[0.731059, 0.268941]]);
    expectRows(weightedSum(weights, Object.values(given())), [[1.537883, 1.193176]]);
  });

  it('weighs features one by one in the legacy form', () => {
    expectRows(elementwiseSum(Object.values(given())), [[2.570022, 1.927963]]);
  });

  it('applies the same scores at feature and at logit level', () => {
    for (const level of ['feature', 'logit'] as const) {
      const fusion = weight(context, { level, hidden: [] });
      const { params } = fusion.init(new RandomStream(1));
      // The linear map that scores x with .3 and y with -.7.
      const own = { ...params, 'score/0/kernel': matrix([[-1.1 / 7], [1.6 / 7]]), 'score/0/bias': tf.zeros([1]) };
      const { logits, unimodal } = apply(fusion, own, given());
      // Linear heads: at feature level the weighted sum of read-outs is the read-out of the weighted sum.
      expectSame(logits, weightedSum(matrix([[0.731059, 0.268941]]), [unimodal['x']!, unimodal['y']!]), 4);
    }
  });

  it('has no attention network in the legacy form, and no maps where sizes agree', () => {
    expect(Object.keys(weight(context, { weighting: 'elementwise-legacy' }).init(new RandomStream(1)).params).sort()).toEqual([
      'head/bias',
      'head/kernel',
    ]);
    const { params } = weight({ ...context, featureSizes: { x: 2, y: 5 } }).init(new RandomStream(1));
    expect(params['maps/y/kernel']!.shape).toEqual([5, 2]);
  });

  it('gives one modality all the weight', () => {
    const fusion = weight({ ...context, modalities: ['x'] });
    const { logits, unimodal } = apply(fusion, fusion.init(new RandomStream(2)).params, given());
    expectSame(logits, unimodal['x']!);
  });
});
