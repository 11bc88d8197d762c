import { startTestEngine } from '@equimodal/engine';
import { softmax } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply, expectRows, features, matrix } from '../heads/fusion.fixture.js';
import { combineEvidence, evidential, uncertainty } from './evidential.js';

const E1 = [[4, 1, 0]];
const E2 = [[1, 3, 2]];
const E3 = [[0, 0, 9]];

describe('evidential', () => {
  beforeAll(async () => void (await startTestEngine()));

  it('combines as the rule of Dempster does, in any order', () => {
    const alpha = (...all: number[][][]) => tf.add(combineEvidence(all.map(matrix), 3), 1);
    expectRows(alpha(E1, E2), [[7.333333, 6, 3]]);
    expectRows(uncertainty(alpha(E1, E2)), [[0.183673]]);
    for (const order of [
      [E1, E2, E3],
      [E3, E1, E2],
    ])
      expectRows(alpha(...order), [[7.333333, 6, 18]], 4);
    expectRows(uncertainty(alpha(E1, E2, E3)), [[0.095745]]);
    expectRows(alpha(E1, [[0, 0, 0]]), [[5, 2, 1]]);
  });

  const context = { modalities: ['x', 'y'], featureSizes: { x: 3, y: 3 }, classes: 3 };
  const views = () => ({
    'heads/x/kernel': tf.eye(3) as tf.Tensor,
    'heads/x/bias': tf.zeros([3]),
    'heads/y/kernel': tf.eye(3) as tf.Tensor,
    'heads/y/bias': tf.zeros([3]),
  });
  /** Logits with the given evidence: the inverse of softplus; a very negative number for none. */
  const logitsOf = (evidence: number[][]) => evidence.map((row) => row.map((e) => (e === 0 ? -40 : Math.log(Math.expm1(e)))));
  const given = () => features({ x: logitsOf(E1), y: logitsOf(E2) });

  it('gives log alpha: softmax is alpha / S', () => {
    const { logits, unimodal } = apply(evidential(context, { pseudoView: false }), views(), given());
    expectRows(tf.exp(logits), [[7.333333, 6, 3]], 4);
    expectRows(softmax(logits), [[7.333333 / 16.333333, 6 / 16.333333, 3 / 16.333333]]);
    expectRows(tf.exp(unimodal['x']!), [[5, 2, 1]], 4);
  });

  it('has a pseudo-view from the concatenated features', () => {
    // The concatenated head sees x and y; with a kernel of zeros and this bias its evidence is E3.
    const pseudo = { 'pseudo/head/kernel': tf.zeros([6, 3]), 'pseudo/head/bias': tf.tensor1d(logitsOf(E3)[0]!) };
    const { logits } = apply(evidential(context), { ...views(), ...pseudo }, given());
    expectRows(tf.exp(logits), [[7.333333, 6, 18]], 4);
  });

  it('refuses features that are missing', () => {
    expect(() => apply(evidential(context), views(), features({ x: [[1, 2, 3]] }))).toThrow(
      expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }),
    );
  });
});
