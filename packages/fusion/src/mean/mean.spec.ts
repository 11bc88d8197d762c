import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply, expectRows, expectSame, features, gradientNorms } from '../heads/fusion.fixture.js';
import { mean } from './mean.js';

const context = { modalities: ['audio', 'visual'], featureSizes: { audio: 1, visual: 2 }, classes: 2 };
const params = () => ({
  'heads/audio/kernel': tf.tensor2d([[2, -1]]),
  'heads/audio/bias': tf.tensor1d([1, 0]),
  'heads/visual/kernel': tf.tensor2d([
    [1, 0],
    [0, 1],
  ]),
  'heads/visual/bias': tf.tensor1d([0, 4]),
});

describe('mean', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('averages the logits of the own heads', () => {
    const { logits, unimodal } = apply(mean(context), params(), features({ audio: [[3]], visual: [[5, 6]] }));
    expectRows(unimodal['audio']!, [[7, -3]]);
    expectRows(unimodal['visual']!, [[5, 10]]);
    expectRows(logits, [[6, 3.5]]);
  });

  it('leaves a masked modality its bias', () => {
    const { logits, unimodal } = apply(mean(context), params(), features({ audio: [[3]], visual: [[0, 0]] }));
    expectRows(unimodal['visual']!, [[0, 4]]);
    expectRows(logits, [[3.5, 0.5]]);
  });

  it('takes one modality and three', () => {
    const one = apply(mean({ ...context, modalities: ['audio'] }), params(), features({ audio: [[3]] }));
    expectRows(one.logits, [[7, -3]]);
    const sizes = { a: 2, b: 3, c: 1 };
    const fusion = mean({ modalities: Object.keys(sizes), featureSizes: sizes, classes: 4 });
    const fused = apply(fusion, fusion.init(new RandomStream(5)).params, features({ a: [[1, 2]], b: [[3, 4, 5]], c: [[6]] }));
    expectSame(tf.mul(fused.logits, 3), tf.addN(Object.values(fused.unimodal)));
  });

  it('sends the gradient of a read-out into its own head only', () => {
    const given = features({ audio: [[3]], visual: [[5, 6]] });
    const norms = gradientNorms(mean(context), params(), given, (fused) => fused.unimodal['audio']!);
    expect(norms['heads/audio/kernel']).toBeGreaterThan(1);
    expect(norms['heads/visual/kernel']).toBe(0);
  });
});
