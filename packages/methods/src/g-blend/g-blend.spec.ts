import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers } from '../fixture/context.fixture.js';
import { epochOf, type PassRows } from '../fixture/epoch.fixture.js';
import { gBlend } from './g-blend.js';
import { slotAt } from './timetable.js';
import { blendWeights, overfitting, overfittingRatio } from './weights.js';

const heads = [
  [2.5, 2.6, 1, 2.2],
  [2.5, 2.6, 1.4, 1.8],
  [2.5, 2.6, 0.8, 1.9],
].map(([trainStart, validationStart, trainEnd, validationEnd]) => ({
  trainStart: trainStart!,
  validationStart: validationStart!,
  trainEnd: trainEnd!,
  validationEnd: validationEnd!,
}));

describe('blendWeights', () => {
  it('weighs generalisation over overfitting squared', () => {
    expectNumbers(
      heads.map((one) => overfitting(one).dO),
      [1.1, 0.3, 1],
    );
    expectNumbers(
      heads.map((one) => overfitting(one).dG),
      [0.4, 0.8, 0.7],
    );
    expectNumbers(heads.map(overfittingRatio), [2.75, 0.375, 1.428571]);
    expectNumbers(blendWeights(heads), [0.033326, 0.896105, 0.070568]);
  });

  it('gives a head that got worse nothing, and shares alike when all did', () => {
    const worse = { ...heads[1]!, validationEnd: 3 };
    expect(blendWeights([heads[0]!, worse])).toEqual([1, 0]);
    expect(blendWeights([worse, worse])).toEqual([0.5, 0.5]);
    const still = { trainStart: 1, validationStart: 1, trainEnd: 0.5, validationEnd: 0.5 };
    expect(blendWeights([still, heads[0]!]).every(Number.isFinite)).toBe(true);
  });
});

describe('slotAt', () => {
  const plan = (superEpoch: number | null) =>
    Array.from({ length: 12 }, (_, epoch) => {
      const slot = slotAt(epoch, { heads: 2, estimate: 2, superEpoch });
      return slot.kind === 'blend' ? 'b' : `${slot.head}${slot.first ? '<' : ''}${slot.last ? '>' : ''}`;
    }).join(' ');
  it('estimates once, offline', () => {
    expect(plan(null)).toBe('0< 0> 1< 1> b b b b b b b b');
  });
  it('estimates again, online', () => {
    expect(plan(3)).toBe('0< 0> 1< 1> b b b 0< 0> 1< 1> b');
  });
});

describe('g-blend', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const RUN = { modalities: ['audio', 'visual'], featureSizes: { audio: 1, visual: 1 }, classes: 2, epochs: 8 };
  const params = (scale: number) => ({
    'methods/tried/heads/audio/kernel': tf.tensor2d([[scale, 0]]),
    'methods/tried/heads/audio/bias': tf.zeros([2]),
    'methods/tried/heads/visual/kernel': tf.tensor2d([[0, 0]]),
    'methods/tried/heads/visual/bias': tf.zeros([2]),
  });
  const rows: PassRows = {
    labels: [0, 0],
    features: { audio: [[1], [1]], visual: [[1], [1]] },
    logits: [
      [0, 0],
      [0, 0],
    ],
  };
  /** Runs the estimates of all heads; the audio head gets better, the others stay. */
  const estimated = async () => {
    const method = gBlend({ estimate: 1, superEpoch: null }, RUN);
    const log: string[] = [];
    const phases: unknown[] = [];
    for (let epoch = 0; epoch < 3; epoch++) {
      const passes = { train: [rows], validation: [rows] };
      const start = epochOf({ epoch, params: params(0), passes });
      phases.push(await method.epochStart!(start.context));
      const end = epochOf({ epoch, params: params(epoch === 0 ? 3 : 0), passes });
      await method.epochEnd!(end.context);
      log.push([...start.done, ...end.done].join(', '));
    }
    return { method, log, phases };
  };

  it('measures, trains each head alone from the same model, and puts that back', async () => {
    const { log, phases } = await estimated();
    expect(log).toEqual([
      'pass train, pass validation, snapshot joint, reset all, pass train, pass validation, restore joint all',
      'reset all, pass train, pass validation, restore joint all',
      'reset all, pass train, pass validation, restore joint all',
    ]);
    expect(phases).toEqual(['audio', 'visual', 'fused'].map((name) => ({ phase: `estimate ${name}`, candidate: false })));
  });

  it('blends by the estimates, through a checkpoint', async () => {
    const { method } = await estimated();
    const other = gBlend({ estimate: 1, superEpoch: null }, RUN);
    other.restore!(JSON.parse(JSON.stringify(method.state!())) as never);
    const decision = await other.epochStart!(epochOf({ epoch: 3 }).context);
    expect(decision).toEqual({
      phase: 'blend',
      candidate: true,
      controls: { 'weight/audio': 1, 'weight/visual': 0, 'weight/fused': 0 },
    });
  });

  it('trains one head and its encoder in a phase of estimation', () => {
    const method = gBlend({ estimate: 1, superEpoch: null }, RUN);
    const [audio] = method.plan!('estimate audio');
    const paths = ['encoders/audio/k', 'encoders/visual/k', 'methods/g-blend/heads/audio/kernel', 'fusion/kernel'];
    expect(paths.map((path) => audio!.parameters!(path))).toEqual([true, false, true, false]);
    expect(['unimodal/audio', 'fused', 'alignment'].map((term) => audio!.terms!(term))).toEqual([true, false, false]);
    const [fused] = method.plan!('estimate fused');
    expect(paths.map((path) => fused!.parameters!(path))).toEqual([true, true, false, true]);
    expect(['unimodal/audio', 'fused', 'alignment'].map((term) => fused!.terms!(term))).toEqual([false, true, true]);
    expect(method.plan!('blend')).toEqual([]);
  });

  it('weighs the terms in the phase of blending', () => {
    const terms = [{ name: 'fused', kind: 'classification' as const, value: tf.scalar(2), weight: 1 }];
    const { context } = contextOf({
      terms,
      phase: 'blend',
      params: params(1),
      features: { audio: [[1], [1], [1], [1]], visual: [[1], [1], [1], [1]] },
      unimodal: {
        audio: [
          [0, 0],
          [0, 0],
          [0, 0],
          [0, 0],
        ],
        visual: [
          [0, 0],
          [0, 0],
          [0, 0],
          [0, 0],
        ],
      },
      labels: [0, 0, 1, 1],
      controls: { 'weight/audio': 0.2, 'weight/visual': 0.3, 'weight/fused': 0.5 },
    });
    const out = gBlend({ estimate: 1, superEpoch: null }, RUN).losses!(context)!;
    expect(out.map(({ name }) => name)).toEqual(['fused', 'unimodal/audio', 'unimodal/visual']);
    expectNumbers(tf.stack(out.map(({ weight }) => weight as tf.Tensor)), [0.5, 0.2, 0.3]);
  });

  it('refuses a run that estimates would fill', () => {
    const code = expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }) as unknown;
    expect(() => gBlend({ estimate: 3, superEpoch: null }, RUN)).toThrow(code as Error);
    expect(() => gBlend({ estimate: null, superEpoch: null }, { ...RUN, epochs: 3 })).toThrow(code as Error);
  });
});
