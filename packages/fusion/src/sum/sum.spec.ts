import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { crossEntropy, softmax } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply, expectRows, expectSame, features, gradientNorms, matrix } from '../heads/fusion.fixture.js';
import { logMeanSoftmax, sum, sumFusion } from './sum.js';

const context = { modalities: ['audio', 'visual'], featureSizes: { audio: 3, visual: 3 }, classes: 3 };
const identity = () => tf.eye(3) as tf.Tensor;
const zero = () => tf.zeros([3]);
/** Heads that hand their features on as logits. */
const passing = () => ({
  'heads/audio/kernel': identity(),
  'heads/audio/bias': zero(),
  'heads/visual/kernel': identity(),
  'heads/visual/bias': zero(),
});
const LOGITS = { audio: [[2, 0, -1]], visual: [[0.2, 0.1, 0]] };

describe('sum', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('adds the logits up', () => {
    const { logits, unimodal } = apply(sum(context), passing(), features(LOGITS));
    expectRows(logits, [[2.2, 0.1, -1]]);
    expectRows(softmax(logits), [[0.859684, 0.105274, 0.035043]]);
    expectRows(unimodal['audio']!, LOGITS.audio);
    expectRows(unimodal['visual']!, LOGITS.visual);
  });

  it('averages the probabilities, which is something else', () => {
    const { logits, unimodal } = apply(sum(context, 'probabilities'), passing(), features(LOGITS));
    expectRows(softmax(logits), [[0.60548, 0.22321, 0.17131]]);
    // The returned logits are log-probabilities: their cross entropy is the mixture's negative log-likelihood.
    expectRows(tf.exp(logits), [[0.60548, 0.22321, 0.17131]]);
    expect(crossEntropy(logits, tf.tensor1d([1], 'int32')).dataSync()[0]).toBeCloseTo(-Math.log(0.22321), 4);
    expectRows(unimodal['audio']!, LOGITS.audio);
  });

  it('gives each head its full bias', () => {
    const params = {
      ...passing(),
      'heads/audio/bias': tf.tensor1d([1, 0, 0]),
      'heads/visual/bias': tf.tensor1d([0, 0, 3]),
    };
    const { logits, unimodal } = apply(sum(context), params, features(LOGITS));
    expectRows(unimodal['audio']!, [[3, 0, -1]]);
    expectRows(unimodal['visual']!, [[0.2, 0.1, 3]]);
    expectRows(logits, [[3.2, 0.1, 2]]);
  });

  it.each(['logits', 'probabilities'] as const)('takes one modality and three (%s)', (level) => {
    const one = sum({ modalities: ['audio'], featureSizes: { audio: 3 }, classes: 3 }, level);
    const alone = apply(one, passing(), features({ audio: LOGITS.audio }));
    expectSame(softmax(alone.logits), softmax(matrix(LOGITS.audio)));
    const sizes = { audio: 3, visual: 2, text: 4 };
    const three = sum({ modalities: Object.keys(sizes), featureSizes: sizes, classes: 5 }, level);
    const { params } = three.init(new RandomStream(2));
    expect(Object.keys(params)).toHaveLength(6);
    const given = features({ audio: [[1, 2, 3]], visual: [[0, 0]], text: [[1, 0, -1, 2]] });
    const fused = apply(three, params, given);
    const mean = tf.div(tf.addN(Object.values(fused.unimodal).map((own) => softmax(own))), 3);
    if (level === 'probabilities') expectSame(softmax(fused.logits), mean);
    else expectSame(fused.logits, tf.addN(Object.values(fused.unimodal)));
  });

  it('stays finite, also in its gradients, where a class has no probability left', () => {
    const given = features({ audio: [[300, 0, -300]], visual: [[-300, 0, 300]] });
    const fusion = sum(context, 'probabilities');
    const { logits } = apply(fusion, passing(), given);
    expectRows(logits, [[Math.log(0.5), -300 + Math.log(1), Math.log(0.5)]], 3);
    for (const norm of Object.values(gradientNorms(fusion, passing(), given, (fused) => fused.logits))) {
      expect(Number.isFinite(norm)).toBe(true);
    }
  });

  it('has the gradient of the mixture: each head gets its share of the responsibility', () => {
    // d log(mean p)(y) / d l_m = r_m (onehot - p_m), with r_m = p_m(y) / sum_j p_j(y).
    const [a, b] = [matrix(LOGITS.audio), matrix(LOGITS.visual)];
    const grad = tf.grads((x, y) => tf.sum(tf.slice(logMeanSoftmax([x, y]), [0, 1], [1, 1])) as tf.Scalar);
    const [pa, pb] = [
      [0.843795, 0.114195, 0.04201],
      [0.367165, 0.332225, 0.30061],
    ];
    const share = pa[1]! / (pa[1]! + pb[1]!);
    const expected = (p: number[], r: number) => [p.map((value, c) => r * ((c === 1 ? 1 : 0) - value))];
    const [ga, gb] = grad([a, b]);
    expectRows(ga!, expected(pa, share), 4);
    expectRows(gb!, expected(pb, 1 - share), 4);
  });

  it('adds logits unless told otherwise', () => {
    expect(sumFusion.options.parse({})).toEqual({ level: 'logits' });
    expect(sumFusion.options.safeParse({ level: 'features' }).success).toBe(false);
  });
});
