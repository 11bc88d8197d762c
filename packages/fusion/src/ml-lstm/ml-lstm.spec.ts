import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply, expectRows, features } from '../heads/fusion.fixture.js';
import { mlLstm } from './ml-lstm.js';

const context = { modalities: ['a', 'b'], featureSizes: { a: 2, b: 2 }, classes: 2 };
const small = { size: 2, units: 2 };
const layer = (path: string) => ({
  [`${path}/kernel`]: tf.fill([2, 8], 0.1) as tf.Tensor,
  [`${path}/recurrent`]: tf.fill([2, 8], 0.1) as tf.Tensor,
  [`${path}/bias`]: tf.zeros([8]),
  [`${path}/recurrentBias`]: tf.zeros([8]),
});
const identity = (path: string) => ({ [`${path}/kernel`]: tf.eye(2) as tf.Tensor, [`${path}/bias`]: tf.zeros([2]) });
const params = (layers = 2) => ({
  ...identity('maps/a'),
  ...identity('maps/b'),
  ...Array.from({ length: layers }, (_, i) => layer(`lstm/${i}`)).reduce((all, one) => ({ ...all, ...one })),
  ...identity('head'),
});
const given = () => features({ a: [[1, 2]], b: [[3, -1]] });

describe('ml-lstm', () => {
  beforeAll(async () => void (await startTestEngine()));

  it('reads the modalities in order: the last state of one layer and of two', () => {
    expectRows(apply(mlLstm(context, { ...small, layers: 1 }), params(1), given()).logits, [[0.116026, 0.116026]]);
    expectRows(apply(mlLstm(context, small), params(), given()).logits, [[0.008651, 0.008651]]);
  });

  it('averages over modalities when asked', () => {
    const { logits } = apply(mlLstm(context, { ...small, pool: 'mean' }), params(), given());
    expectRows(logits, [[(0.004852 + 0.008651) / 2, (0.004852 + 0.008651) / 2]]);
  });

  it('reads a modality out as a sequence of its own', () => {
    const { unimodal } = apply(mlLstm(context, small), params(), given());
    expectRows(unimodal['a']!, [[0.004852, 0.004852]]);
  });

  it('follows the order of the config', () => {
    const one = { ...small, layers: 1 };
    const { logits } = apply(mlLstm(context, { ...one, order: ['b', 'a'] }), params(1), given());
    const { logits: swapped } = apply(mlLstm(context, one), params(1), features({ a: [[3, -1]], b: [[1, 2]] }));
    expectRows(logits, (swapped as tf.Tensor2D).arraySync());
    expect(Math.abs(logits.dataSync()[0]! - 0.116026)).toBeGreaterThan(1e-3);
  });

  it.each([[['a']], [['a', 'a']], [['a', 'c']]])('refuses the order %j', (order) => {
    expect(() => mlLstm(context, { ...small, order })).toThrow(expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }));
  });
});
