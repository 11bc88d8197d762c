import { startTestEngine } from '@equimodal/engine';
import { crossEntropy } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers, LABELS, matrix, numbers, Z_AUDIO, Z_VISUAL, type Rows } from '../fixture/context.fixture.js';
import { unimodalSum } from './unimodal-sum.js';

const terms = () => [
  { name: 'fused', kind: 'classification' as const, value: tf.scalar(7), weight: 1 },
  { name: 'alignment', kind: 'alignment' as const, value: tf.scalar(8), weight: 0.5 },
  { name: 'penalty', kind: 'regulariser' as const, value: tf.scalar(9), weight: 0.1 },
];
const loss = (rows: Rows) => numbers(crossEntropy(matrix(rows), tf.tensor1d(LABELS, 'int32')))[0]!;

describe('unimodal-sum', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('puts one term per modality in the place of the classification terms', () => {
    const { context } = contextOf({ terms: terms() });
    const out = unimodalSum().losses!(context)!;
    expect(out.map(({ name, kind, weight }) => [name, kind, weight])).toEqual([
      ['unimodal/audio', 'classification', 1],
      ['unimodal/visual', 'classification', 1],
      ['alignment', 'alignment', 0.5],
      ['penalty', 'regulariser', 0.1],
    ]);
    expectNumbers(tf.stack(out.slice(0, 2).map(({ value }) => value)), [loss(Z_AUDIO), loss(Z_VISUAL)]);
    expect(loss(Z_AUDIO)).toBeCloseTo(-[0.897164, 0.712335, 0.447646, 0.633125].reduce((sum, p) => sum + Math.log(p), 0) / 4, 5);
  });

  it('predicts with the mean of the unimodal logits, not with the fused ones', () => {
    const { context } = contextOf();
    const { modalities, features, scope } = context;
    const fused = { ...context.fused, logits: tf.fill([4, 3], 99) };
    const logits = unimodalSum().predict!({ modalities, features, fused, scope }) as tf.Tensor;
    expectNumbers(
      logits,
      Z_AUDIO.flatMap((row, i) => row.map((value, c) => (value + Z_VISUAL[i]![c]!) / 2)),
    );
  });

  it('works with one modality', () => {
    const { context } = contextOf({ unimodal: { audio: Z_AUDIO }, terms: terms() });
    expect(unimodalSum().losses!(context)!.map(({ name }) => name)).toEqual(['unimodal/audio', 'alignment', 'penalty']);
    const { modalities, features, scope, fused } = context;
    expectNumbers(unimodalSum().predict!({ modalities, features, fused, scope }) as tf.Tensor, Z_AUDIO.flat());
  });

  it('says which read-out is missing', () => {
    const { context } = contextOf();
    const without = {
      ...context,
      fused: { ...context.fused, unimodal: { audio: context.fused.unimodal['audio']! } },
    };
    expect(() => unimodalSum().losses!(without)).toThrow('"visual"');
  });
});
