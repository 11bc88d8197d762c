import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { crossEntropy } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply, expectRows, expectSame, features, gradientNorms, matrix } from '../heads/fusion.fixture.js';
import { concat } from './concat.js';

const context = { modalities: ['audio', 'visual'], featureSizes: { audio: 2, visual: 2 }, classes: 3 };

/** Four samples of two modalities with two features each, and the head [3 classes, 2 + 2 features]. */
const PHI = {
  audio: [
    [2, 0.5],
    [0.5, 1.5],
    [-1, 0.5],
    [0, 1],
  ],
  visual: [
    [0.5, 0.2],
    [0.1, 0.3],
    [-0.2, 0.4],
    [0.3, -0.1],
  ],
};
const HEAD = [
  [1, -0.5, 0.5, 0],
  [-0.5, 1, 0, 0.5],
  [-1, 0, -0.5, 0.5],
];
const Z_AUDIO = [
  [1.85, -0.5, -2.1],
  [-0.15, 1.25, -0.6],
  [-1.15, 1, 0.9],
  [-0.4, 1, -0.1],
];
const Z_VISUAL = [
  [0.35, 0.1, -0.25],
  [0.15, 0.15, 0],
  [0, 0.2, 0.2],
  [0.25, -0.05, -0.3],
];

const headParams = () => ({
  'head/kernel': tf.transpose(matrix(HEAD)),
  'head/bias': tf.tensor1d([0.2, 0, -0.2]),
});

describe('concat', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('reads the head out as W_u phi_u + b/M', () => {
    const { logits, unimodal } = apply(concat(context), headParams(), features(PHI));
    expectRows(unimodal['audio']!, Z_AUDIO);
    expectRows(unimodal['visual']!, Z_VISUAL);
    expectRows(
      logits,
      Z_AUDIO.map((row, i) => row.map((value, c) => value + Z_VISUAL[i]![c]!)),
    );
    expect(crossEntropy(logits, tf.tensor1d([0, 1, 2, 1], 'int32')).dataSync()[0]).toBeCloseTo(0.415807, 5);
  });

  it('is one linear layer on the concatenated features', () => {
    const sizes = { audio: 3, visual: 1, text: 2 };
    const fusion = concat({ modalities: Object.keys(sizes), featureSizes: sizes, classes: 4 });
    const { params } = fusion.init(new RandomStream(3));
    expect(Object.fromEntries(Object.entries(params).map(([path, leaf]) => [path, leaf.shape]))).toEqual({
      'head/kernel': [6, 4],
      'head/bias': [4],
    });
    const own = { 'head/kernel': params['head/kernel']!, 'head/bias': tf.tensor1d([1, -2, 3, 0.5]) };
    const given = features({
      audio: [
        [1, 2, 3],
        [0, 1, -1],
      ],
      visual: [[4], [-2]],
      text: [
        [5, 6],
        [1, 0],
      ],
    });
    const { logits, unimodal } = apply(fusion, own, given);
    const joined = tf.concat([given['audio']!, given['visual']!, given['text']!], 1);
    expectSame(logits, tf.add(tf.matMul(joined as tf.Tensor2D, own['head/kernel'] as tf.Tensor2D), own['head/bias']), 4);
    expectSame(tf.addN(Object.values(unimodal)), logits, 4);
  });

  it('leaves a masked modality nothing but its share of the bias', () => {
    const given = features({ ...PHI, visual: PHI.visual.map(() => [0, 0]) });
    const { unimodal } = apply(concat(context), headParams(), given);
    expectRows(
      unimodal['visual']!,
      PHI.visual.map(() => [0.1, 0, -0.1]),
    );
    expectRows(unimodal['audio']!, Z_AUDIO);
  });

  it('takes one modality, whose read-out is then the fused response', () => {
    const fusion = concat({ modalities: ['audio'], featureSizes: { audio: 2 }, classes: 3 });
    const { params } = fusion.init(new RandomStream(1));
    const { logits, unimodal } = apply(fusion, params, features({ audio: PHI.audio }));
    expectSame(unimodal['audio']!, logits);
  });

  it('sends the gradient of a read-out into its own features only', () => {
    const norms = gradientNorms(concat(context), headParams(), features(PHI), (fused) => fused.unimodal['audio']!);
    expect(norms['audio']).toBeGreaterThan(0.1);
    expect(norms['visual']).toBe(0);
  });

  it('names what is missing or of the wrong size', () => {
    expect(() => apply(concat(context), headParams(), features({ audio: PHI.audio }))).toThrow('"visual"');
    expect(() => apply(concat(context), headParams(), features({ ...PHI, visual: [[1, 2, 3]] }))).toThrow('[*, 2]');
    expect(() => concat({ ...context, featureSizes: { audio: 2 } })).toThrow('"visual"');
  });
});
