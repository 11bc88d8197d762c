import type { EpochStartContext } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers, numbers, Z_AUDIO, Z_VISUAL } from '../fixture/context.fixture.js';
import { ogmMethod } from './ogm.js';

const RUN = { modalities: ['audio', 'visual'], featureSizes: {}, classes: 3, epochs: 100 };
const create = (options: unknown = {}, run = RUN) =>
  ogmMethod.create(ogmMethod.options.parse(options), run, {
    resolve: () => expect.fail('nothing to resolve'),
  });

const conv = (values = [0.1, -0.2, 0.3, 0.4]): Tensor => tf.tensor4d(values, [2, 2, 1, 1]);
const gradients = () => ({
  'encoders/audio/conv/kernel': conv(),
  'encoders/audio/out/kernel': tf.tensor2d([[1, 2]]),
  'encoders/audio/norm/scale': tf.tensor1d([3]),
  'encoders/visual/conv/kernel': conv(),
  'fusion/head/kernel': tf.tensor2d([[4, 5]]),
});

describe('ogm', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('multiplies the convolutions of the encoder that is ahead by its coefficient, and nothing else', () => {
    const { context, reported } = contextOf({ gradients: gradients() });
    const out = create().gradients!(context)!;
    expect(Object.keys(out)).toEqual(Object.keys(context.gradients));
    expectNumbers(out['encoders/audio/conv/kernel']!, [0.009841, -0.019683, 0.029524, 0.039366]);
    for (const path of ['encoders/audio/out/kernel', 'encoders/audio/norm/scale', 'encoders/visual/conv/kernel', 'fusion/head/kernel']) {
      expect(numbers(out[path]!), path).toEqual(numbers(context.gradients[path]!));
    }
    const seen = reported();
    expect(Object.keys(seen).sort()).toEqual(['coefficient/audio', 'coefficient/visual', 'ratio/audio', 'ratio/visual']);
    expectNumbers([seen['ratio/audio']!, seen['ratio/visual']!], [1.850784, 0.540312]);
    expectNumbers([seen['coefficient/audio']!, seen['coefficient/visual']!], [0.098415, 1]);
  });

  it('modulates all kernels of an encoder without convolutions', () => {
    const mlp = {
      'encoders/audio/0/kernel': tf.tensor2d([[1, -2]]),
      'encoders/visual/0/kernel': tf.tensor2d([[1, 1]]),
    };
    const out = create({ alpha: 0.1 }).gradients!(contextOf({ gradients: mlp }).context)!;
    expectNumbers(out['encoders/audio/0/kernel']!, [0.817006, -1.634012]);
    expectNumbers(out['encoders/visual/0/kernel']!, [1, 1]);
  });

  it('looks at all parameters, and leaves those without a gradient in this stage alone', () => {
    const all = gradients();
    const { 'encoders/audio/conv/kernel': audio } = all;
    const out = create().gradients!(contextOf({ params: all, gradients: { 'encoders/audio/conv/kernel': audio } }).context)!;
    expect(Object.keys(out)).toEqual(['encoders/audio/conv/kernel']);
  });

  it('takes three modalities', () => {
    const unimodal = { audio: Z_AUDIO, visual: Z_VISUAL, text: Z_VISUAL };
    const { context, reported } = contextOf({
      unimodal,
      gradients: { ...gradients(), 'encoders/text/conv/kernel': conv() },
    });
    create({}, { ...RUN, modalities: Object.keys(unimodal) }).gradients!(context);
    const seen = reported();
    // The others tie: each is at (1/1.850784 + 1) / 2.
    expectNumbers(
      ['audio', 'visual', 'text'].map((m) => seen[`ratio/${m}`]!),
      [1.850784, 0.770156, 0.770156],
    );
    expectNumbers(
      ['audio', 'visual', 'text'].map((m) => seen[`coefficient/${m}`]!),
      [0.098415, 1, 1],
    );
  });

  it('lets gradients pass outside its window, and says so', () => {
    const { context, reported } = contextOf({ gradients: gradients(), active: 0 });
    const out = create().gradients!(context)!;
    expectNumbers(out['encoders/audio/conv/kernel']!, [0.1, -0.2, 0.3, 0.4], 7);
    expect(reported()['coefficient/audio']).toBe(1);
    expect(reported()['ratio/audio']).toBeCloseTo(1.850784, 5);
  });

  it('opens the window from start to end, both inclusive', async () => {
    const active = async (options: unknown, epoch: number) =>
      (await create(options).epochStart!({ epoch } as EpochStartContext))?.controls?.['active'];
    const window = { start: 2, end: 4 };
    expect(await Promise.all([1, 2, 4, 5].map((epoch) => active(window, epoch)))).toEqual([0, 1, 1, 0]);
    expect(await Promise.all([0, 99].map((epoch) => active({}, epoch)))).toEqual([1, 1]);
    expect(create(window).controls).toEqual({ active: 0 });
    expect(create().controls).toEqual({ active: 1 });
  });

  it('damps the first modality at a tie in the released form only', () => {
    const tie = () => contextOf({ unimodal: { audio: Z_AUDIO, visual: Z_AUDIO }, gradients: gradients() }).context;
    const first = (options: unknown) => numbers(create(options).gradients!(tie())!['encoders/audio/conv/kernel']!)[0];
    expect(first({})).toBeCloseTo(0.1, 6);
    expect(first({ form: 'released' })).toBeCloseTo(0.0335963, 6);
  });

  it('refuses the released form for other than two modalities, and a window that ends before it starts', () => {
    expect(() => create({ form: 'released' }, { ...RUN, modalities: ['a', 'b', 'c'] })).toThrow(
      expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }),
    );
    expect(ogmMethod.options.strict().safeParse({ start: 3, end: 2 }).success).toBe(false);
    expect(ogmMethod.options.strict().safeParse({ start: 3, end: 3 }).success).toBe(true);
    expect(ogmMethod.options.parse({})).toEqual({
      alpha: 0.8,
      start: 0,
      end: null,
      form: 'paper',
      scope: 'auto',
    });
  });

  it('says what is missing', () => {
    const { context } = contextOf({ gradients: gradients() });
    expect(() => create().gradients!({ ...context, controls: {} })).toThrow('"active"');
    expect(() => create().gradients!({ ...context, fused: { ...context.fused, unimodal: {} } })).toThrow('"audio"');
  });

  it('declares what it works with', () => {
    expect(ogmMethod.facts.modalities).toEqual({ min: 2 });
    expect(ogmMethod.facts.fusions).toEqual(['concat', 'sum', 'mean']);
  });
});
