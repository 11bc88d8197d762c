import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { openScope } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply, expectRows, features, kernelOf, matrix } from '../heads/fusion.fixture.js';
import { channel } from './channel.js';

const context = {
  modalities: ['x', 'y'],
  featureSizes: { x: 2, y: 2 },
  classes: 2,
  stages: { x: [3, 2], y: [5, 2] },
};
const at = 'exchange/stage2';
const params = () => ({
  [`${at}/squeeze/kernel`]: kernelOf([
    [0.5, 0, 0.5, 0],
    [0, 1, 0, 1],
  ]),
  [`${at}/squeeze/bias`]: tf.zeros([2]),
  [`${at}/gates/x/kernel`]: tf.eye(2) as tf.Tensor,
  [`${at}/gates/x/bias`]: tf.zeros([2]),
  [`${at}/gates/y/kernel`]: kernelOf([
    [0, 1],
    [-1, 0],
  ]),
  [`${at}/gates/y/bias`]: tf.zeros([2]),
});
const exchange = (maps: Record<string, tf.Tensor>, gateScale: number) => {
  const { scope } = openScope({ params: params(), state: {}, training: true });
  return channel(context, { after: [2], gateScale }).exchange!.apply(scope, 2, maps);
};

describe('channel', () => {
  beforeAll(async () => void (await startTestEngine()));

  it('gates channels by what all modalities say', () => {
    const { x, y } = exchange({ x: tf.tensor([1, -1], [1, 1, 1, 2]), y: tf.tensor([2, 0], [1, 1, 1, 2]) }, 1);
    expectRows(tf.reshape(x!, [1, 2]), [[0.817574, -0.5]]);
    expectRows(tf.reshape(y!, [1, 2]), [[1, 0]]);
  });

  it('doubles the gates as published', () => {
    const { x } = exchange({ x: tf.tensor([1, -1], [1, 1, 1, 2]), y: tf.tensor([2, 0], [1, 1, 1, 2]) }, 2);
    expectRows(tf.reshape(x!, [1, 2]), [[2 * 0.817574, -1]]);
  });

  it('averages over time and space first, and gates every position alike', () => {
    const x = tf.tensor([0, -2, 2, 0], [1, 2, 2]); // two positions of a sequence, mean (1, -1)
    const y = tf.tensor([4, 1, 0, -1], [1, 2, 1, 1, 2]); // two frames, mean (2, 0)
    const gated = exchange({ x, y }, 1);
    expect(gated['y']!.shape).toEqual([1, 2, 1, 1, 2]);
    expectRows(tf.reshape(gated['x']!, [2, 2]), [
      [0, -1],
      [2 * 0.817574, 0],
    ]);
    expectRows(tf.reshape(gated['y']!, [2, 2]), [
      [2, 0.182426],
      [0, -0.182426],
    ]);
  });

  it('averages the logits of own heads', () => {
    const heads = {
      'heads/x/kernel': tf.eye(2) as tf.Tensor,
      'heads/x/bias': tf.tensor1d([1, 0]),
      'heads/y/kernel': matrix([
        [0, 2],
        [2, 0],
      ]),
      'heads/y/bias': tf.zeros([2]),
    };
    const { logits, unimodal } = apply(channel(context, { after: [2] }), heads, features({ x: [[1, 2]], y: [[3, -1]] }));
    expectRows(unimodal['x']!, [[2, 2]]);
    expectRows(unimodal['y']!, [[-2, 6]]);
    expectRows(logits, [[0, 4]]);
  });

  it('has a joint representation of twice the channels, reduced', () => {
    const fusion = channel({ ...context, stages: { x: [8, 16], y: [8, 32] } }, { after: [1, 2] });
    const shapes = Object.fromEntries(Object.entries(fusion.init(new RandomStream(1)).params).map(([path, leaf]) => [path, leaf.shape]));
    expect(shapes['exchange/stage2/squeeze/kernel']).toEqual([48, 24]);
    expect(shapes['exchange/stage1/gates/y/kernel']).toEqual([8, 8]);
  });

  it.each([
    ['no stages', { x: [3, 2, 4] }],
    ['2 stages', { x: [3, 2, 4], y: [5, 2] }],
  ])('refuses encoders with %s', (what, stages) => {
    expect(() => channel({ ...context, stages }, { after: [2, 3] })).toThrow(
      expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE', message: expect.stringContaining(what) }),
    );
  });
});
