import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply, expectRows, features } from '../heads/fusion.fixture.js';
import { gated } from './gated.js';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const context = { modalities: ['x', 'y'], featureSizes: { x: 2, y: 2 }, classes: 2 };
const params = () => ({
  'maps/x/kernel': tf.eye(2) as tf.Tensor,
  'maps/x/bias': tf.zeros([2]),
  'maps/y/kernel': tf.tensor2d([
    [2, 0],
    [0, 1],
  ]),
  'maps/y/bias': tf.zeros([2]),
  'head/kernel': tf.eye(2) as tf.Tensor,
  'head/bias': tf.zeros([2]),
});
const given = () => features({ x: [[1, 2]], y: [[3, -1]] });

describe('gated', () => {
  beforeAll(async () => void (await startTestEngine()));

  it('multiplies the last modality by the gate of the first', () => {
    const { logits, unimodal } = apply(gated(context), params(), given());
    expectRows(logits, [[4.386351, -0.880797]]);
    expectRows(unimodal['x']!, [[0, 0]]);
    expectRows(unimodal['y']!, [[3, -0.5]]);
  });

  it('gates the modality that is asked for', () => {
    expectRows(apply(gated(context, { gated: 'x' }), params(), given()).logits, [[sigmoid(6), 2 * sigmoid(-1)]]);
  });

  it('multiplies the gates of several modalities', () => {
    const three = { modalities: ['x', 'z', 'y'], featureSizes: { x: 2, z: 2, y: 2 }, classes: 2 };
    const more = { ...params(), 'maps/z/kernel': tf.eye(2) as tf.Tensor, 'maps/z/bias': tf.zeros([2]) };
    const { logits } = apply(gated(three), more, { ...given(), ...features({ z: [[-1, 0.5]] }) });
    expectRows(logits, [[4.386351 * sigmoid(-1), -0.880797 * sigmoid(0.5)]]);
  });

  it('refuses a modality that is not there', () => {
    expect(() => gated(context, { gated: 'z' })).toThrow(expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }));
  });
});
