import { startTestEngine } from '@equimodal/engine';
import type * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers } from '../fixture/context.fixture.js';
import { epochOf } from '../fixture/epoch.fixture.js';
import { mslr, type MslrOptions } from './mslr.js';
import { cumulativeRate, dynamicRate, type ModalityRate, UNTOUCHED } from './rates.js';

const RUN = { modalities: ['audio', 'visual'], featureSizes: { audio: 2, visual: 2 }, classes: 3, epochs: 10 };
const DYNAMIC: MslrOptions = { form: 'dynamic', rates: { audio: 1.3 }, start: 0, end: null };
const ACCURACIES = [0.4, 0.42, 0.44, 0.46, 0.48];

describe('rates', () => {
  it('compare the last epoch with the five before', () => {
    const full = ACCURACIES.reduce<ModalityRate>(dynamicRate, UNTOUCHED);
    expect(full.factor).toBe(1);
    const next = dynamicRate(full, 0.5);
    expect(next.factor).toBeCloseTo(1.136364, 6);
    expect(next.history).toEqual([0.42, 0.44, 0.46, 0.48, 0.5]);
    expect(dynamicRate(full, 0.45).factor).toBeCloseTo(1.022727, 6);
  });

  it('pile up in the cumulative form, every fifth epoch, with the last one in the mean', () => {
    const after = [...ACCURACIES, 0.5].reduce<ModalityRate>((rate, accuracy, i) => cumulativeRate(rate, accuracy, i - 1), UNTOUCHED);
    expect(after.factor).toBeCloseTo(1.086957, 6);
    expect(cumulativeRate(after, 0.5, 5).factor).toBe(after.factor);
  });

  it('stay 1 while nothing is right', () => {
    expect([0, 0, 0, 0, 0, 0].reduce<ModalityRate>(dynamicRate, UNTOUCHED).factor).toBe(1);
  });
});

describe('mslr', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const end = (epoch: number, audio: number) =>
    epochOf({ epoch, validation: { perModality: { audio: { accuracy: audio }, visual: { accuracy: 0.5 } } } }).context;

  it('puts the rate of a modality on its encoder and head, and on nothing else', () => {
    const method = mslr(DYNAMIC, RUN);
    const { context } = contextOf({ controls: { 'rate/audio': 1.3, 'rate/visual': 1 } });
    const { rate } = method.update!({ ...context, paths: [] })!;
    for (const path of ['encoders/audio/kernel', 'fusion/heads/audio/bias']) expectNumbers(rate!(path) as tf.Tensor, [1.3]);
    expectNumbers(rate!('encoders/visual/kernel') as tf.Tensor, [1]);
    expect(rate!('fusion/other')).toBe(1);
  });

  it('follows validation, through a checkpoint', async () => {
    const method = mslr(DYNAMIC, RUN);
    for (const [epoch, accuracy] of [...ACCURACIES, 0.5].entries()) await method.epochEnd!(end(epoch, accuracy));
    const other = mslr(DYNAMIC, RUN);
    other.restore!(JSON.parse(JSON.stringify(method.state!())) as never);
    for (const one of [method, other]) {
      const { controls } = (await one.epochStart!(epochOf({ epoch: 6 }).context))!;
      expect(controls!['rate/audio']).toBeCloseTo(1.477273, 6);
      expect(controls!['rate/visual']).toBe(1);
    }
  });

  it('keeps constants, and works inside its window only', async () => {
    const method = mslr({ form: 'keep', rates: { audio: 2 }, start: 1, end: 2 }, RUN);
    for (let epoch = 0; epoch < 6; epoch++) await method.epochEnd!(end(epoch, 0.1 * epoch));
    const at = async (epoch: number) => (await method.epochStart!(epochOf({ epoch }).context))!.controls!['rate/audio'];
    expect(await Promise.all([0, 1, 2, 3].map(at))).toEqual([1, 2, 2, 1]);
  });

  it('refuses an unknown modality', () => {
    const code = expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }) as unknown;
    expect(() => mslr({ ...DYNAMIC, rates: { smell: 1 } }, RUN)).toThrow(code as Error);
  });
});
