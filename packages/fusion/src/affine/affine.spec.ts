import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply, expectRows, expectSame, features, gradientNorms, kernelOf } from '../heads/fusion.fixture.js';
import { affine, affineFusion } from './affine.js';

const context = { modalities: ['x', 'y'], featureSizes: { x: 2, y: 2 }, classes: 2 };
const GENERATOR = [
  [1, 0],
  [0, 1],
  [0.5, 0],
  [0, -0.5],
];

/** y is conditioned by x; the head hands the modulated features on. */
const params = (bias = [0, 0, 0, 0]) => ({
  'film/y/kernel': kernelOf(GENERATOR),
  'film/y/bias': tf.tensor1d(bias),
  'head/kernel': tf.eye(2) as tf.Tensor,
  'head/bias': tf.zeros([2]),
});
const given = () => features({ x: [[1, 2]], y: [[3, -1]] });

describe('affine', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('scales by gamma and shifts by beta', () => {
    // gamma = (1, 2), beta = (.5, -1)
    expectRows(apply(affine(context), params(), given()).logits, [[3.5, -3]]);
  });

  it('lets the chosen modality condition', () => {
    const swapped = {
      'film/x/kernel': kernelOf(GENERATOR),
      'film/x/bias': tf.zeros([4]),
      'head/kernel': tf.eye(2) as tf.Tensor,
      'head/bias': tf.zeros([2]),
    };
    // gamma = (3, -1), beta = (1.5, .5), on x = (1, 2)
    expectRows(apply(affine(context, 'y'), swapped, given()).logits, [[4.5, -1.5]]);
  });

  it('reads a modality out with the others set to zero', () => {
    const { unimodal } = apply(affine(context), params([0.25, -0.5, 0, 1]), given());
    // x alone: y = 0 leaves beta = (.5, -1) + (0, 1)
    expectRows(unimodal['x']!, [[0.5, 0]]);
    // y alone: gamma = b_gamma = (.25, -.5), beta = b_beta = (0, 1)
    expectRows(unimodal['y']!, [[0.75, 1.5]]);
  });

  it('conditions in sequence from three modalities on', () => {
    const sizes = { a: 1, b: 2, c: 1 };
    const fusion = affine({ modalities: Object.keys(sizes), featureSizes: sizes, classes: 1 }, 'b');
    expect(Object.keys(fusion.init(new RandomStream(1)).params).sort()).toEqual([
      'film/a/bias',
      'film/a/kernel',
      'film/c/bias',
      'film/c/kernel',
      'head/bias',
      'head/kernel',
    ]);
    const own = {
      'film/a/kernel': tf.tensor2d([
        [1, 0],
        [0, 2],
      ]), // gamma = b_1, beta = 2 b_2
      'film/a/bias': tf.zeros([2]),
      'film/c/kernel': tf.tensor2d([[1, -1]]), // gamma = o, beta = -o
      'film/c/bias': tf.zeros([2]),
      'head/kernel': tf.tensor2d([[1]]),
      'head/bias': tf.tensor1d([0.5]),
    };
    const { logits, unimodal } = apply(fusion, own, features({ a: [[4]], b: [[2, 3]], c: [[5]] }));
    // o_2 = 2 * 4 + 6 = 14, o_3 = 14 * 5 - 14 = 56
    expectRows(logits, [[56.5]]);
    expectRows(unimodal['b']!, [[-5.5]]);
    expectRows(unimodal['a']!, [[0.5]]);
  });

  it('is a linear head with one modality, whatever the conditioner', () => {
    const fusion = affine({ ...context, modalities: ['y'] }, 'x');
    const own = fusion.init(new RandomStream(1)).params;
    expect(Object.keys(own)).toEqual(['head/kernel', 'head/bias']);
    const { logits, unimodal } = apply(fusion, own, given());
    expectSame(unimodal['y']!, logits);
  });

  it('has the gradients of the formula', () => {
    // L = sum o^2: dL/dy = 2 o gamma, dL/dx = W_f^T [2 o y; 2 o]
    const norms = gradientNorms(affine(context), params(), given(), (fused) => fused.logits);
    const o = [3.5, -3];
    expect(norms['y']).toBeCloseTo(Math.hypot(2 * o[0]! * 1, 2 * o[1]! * 2), 4);
    const dx = [2 * o[0]! * 3 + 0.5 * 2 * o[0]!, 2 * o[1]! * -1 - 0.5 * 2 * o[1]!];
    expect(norms['x']).toBeCloseTo(Math.hypot(...dx), 4);
  });

  it('refuses a conditioner that is no modality', () => {
    expect(() => affine(context, 'audio')).toThrow(expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }));
    expect(affineFusion.options.parse({})).toEqual({ conditioner: null });
  });
});
