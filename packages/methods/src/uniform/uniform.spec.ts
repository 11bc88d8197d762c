import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers, numbers, PHI_AUDIO } from '../fixture/context.fixture.js';
import { uniform } from './uniform.js';

const RUN = { modalities: ['audio', 'visual'], featureSizes: { audio: 2, visual: 2 }, classes: 3, epochs: 1 };

describe('uniform', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('adds the loss of a head of its own for each modality, in the place of the fusion’s read-outs', () => {
    const method = uniform({ encoderScale: 1 }, RUN);
    const { params } = method.init!(new RandomStream(1));
    expect(Object.keys(params).sort()).toEqual(['audio', 'visual'].flatMap((name) => [`heads/${name}/bias`, `heads/${name}/kernel`]));
    const terms = ['fused', 'unimodal/audio', 'alignment'].map((name) => ({
      name,
      kind: name === 'alignment' ? ('alignment' as const) : ('classification' as const),
      value: tf.scalar(7),
      weight: 1,
    }));
    const tree = Object.fromEntries(Object.entries(params).map(([path, leaf]) => [`methods/tried/${path}`, leaf]));
    const { context } = contextOf({ params: tree, terms });
    const out = method.losses!(context)!;
    expect(out.map(({ name }) => name)).toEqual(['fused', 'alignment', 'unimodal/audio', 'unimodal/visual']);
    const kernel = numbers(params['heads/audio/kernel']!);
    const logits = PHI_AUDIO.map((row) => [0, 1, 2].map((c) => row[0]! * kernel[c]! + row[1]! * kernel[3 + c]!));
    const entropy = logits.map((row, i) => Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[[0, 1, 2, 1][i]!]!);
    expectNumbers(out[2]!.value, [entropy.reduce((a, b) => a + b, 0) / 4]);
    const { unimodal } = method.predict!(context) as { unimodal: Record<string, tf.Tensor> };
    expectNumbers(unimodal['audio']!, logits.flat());
  });

  it('multiplies the gradients of encoders, and no others', () => {
    const gradients = { 'encoders/audio/kernel': tf.tensor1d([1, 2]), 'fusion/kernel': tf.tensor1d([3]) };
    const { context } = contextOf({ gradients });
    expect(uniform({ encoderScale: 1 }, RUN).gradients!(context)).toBeUndefined();
    const out = uniform({ encoderScale: 1.5 }, RUN).gradients!(context)!;
    expectNumbers(out['encoders/audio/kernel']!, [1.5, 3]);
    expect(out['fusion/kernel']).toBe(gradients['fusion/kernel']);
  });
});
