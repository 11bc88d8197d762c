import type { Reference } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers, matrix, PHI_AUDIO, PHI_VISUAL } from '../fixture/context.fixture.js';
import { epochOf } from '../fixture/epoch.fixture.js';
import { distances, umt } from './umt.js';

const RUN = { modalities: ['audio', 'visual'], featureSizes: { audio: 2, visual: 2 }, classes: 3, epochs: 6 };
const terms = () => [
  { name: 'fused', kind: 'classification' as const, value: tf.scalar(7), weight: 1 },
  { name: 'alignment', kind: 'alignment' as const, value: tf.scalar(8), weight: 0.5 },
];
const params = () => ({
  'methods/tried/heads/audio/kernel': tf.zeros([2, 3]),
  'methods/tried/heads/audio/bias': tf.zeros([3]),
  'methods/tried/heads/visual/kernel': tf.zeros([2, 3]),
  'methods/tried/heads/visual/bias': tf.zeros([3]),
});
const teachers = (): Reference => ({
  params: {},
  features: () => ({ audio: matrix(PHI_AUDIO.map(([x, y]) => [x! + 1, y!])), visual: matrix(PHI_VISUAL) }),
  fused: () => expect.fail('not looked at'),
});

describe('umt', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('measures the mean squared distance of a sample', () => {
    expectNumbers(distances(matrix([[1, 2], [0, 0]]), matrix([[3, 2], [1, 1]])), [2, 1]); // prettier-ignore
  });

  it('trains every modality alone at first, without the fusion', () => {
    const method = umt({ scale: 10, teach: 2 }, RUN);
    const { context } = contextOf({ phase: 'teach', terms: terms(), params: params() });
    const own = method.losses!(context)!;
    expect(own.map(({ name, weight }) => [name, weight])).toEqual([
      ['unimodal/audio', 1],
      ['unimodal/visual', 1],
    ]);
    expectNumbers(own[0]!.value, [Math.log(3)]);
    const [stage] = method.plan!('teach');
    expect(stage!.parameters!('encoders/audio/kernel')).toBe(true);
    expect(stage!.parameters!('fusion/head/kernel')).toBe(false);
    expect(method.plan!('distil')).toEqual([]);
  });

  it('then adds the distances to the teachers to the objective of the row', () => {
    const { context } = contextOf({ phase: 'distil', terms: terms(), references: { teachers: teachers() } });
    const out = umt({ scale: 10, teach: 2 }, RUN).losses!(context)!;
    expect(out.map(({ name, kind, weight }) => [name, kind, weight])).toEqual([
      ['fused', 'classification', 1],
      ['alignment', 'alignment', 0.5],
      ['distance/audio', 'regulariser', 10],
      ['distance/visual', 'regulariser', 10],
    ]);
    expectNumbers(out[2]!.value, [0.5]);
    expectNumbers(out[3]!.value, [0]);
  });

  it('counts distances by the weights of the samples', () => {
    const shifted: Reference = {
      ...teachers(),
      features: () => ({ audio: matrix(PHI_AUDIO.map(([x, y], i) => [x! + i, y!])), visual: matrix(PHI_VISUAL) }),
    };
    const { context } = contextOf({ phase: 'distil', references: { teachers: shifted }, sampleWeights: [0, 0, 1, 0] });
    expectNumbers(umt({ scale: 10, teach: 2 }, RUN).losses!(context)![0]!.value, [2]);
  });

  it('keeps the teachers and starts anew', async () => {
    const method = umt({ scale: 10, teach: null }, RUN);
    const run = async (epoch: number) => {
      const { context, done } = epochOf({ epoch });
      return [await method.epochStart!(context), done];
    };
    expect(await run(0)).toEqual([{ phase: 'teach', candidate: false }, ['snapshot start']]);
    expect(await run(2)).toEqual([{ phase: 'teach', candidate: false }, []]);
    expect(await run(3)).toEqual([{ phase: 'distil', candidate: true }, ['snapshot teachers', 'restore start all']]);
    expect(await run(4)).toEqual([{ phase: 'distil', candidate: true }, []]);
  });

  it('refuses a run that is too short', () => {
    expect(() => umt({ scale: 10, teach: null }, { ...RUN, epochs: 1 })).toThrow('teachers take 1 of 1 epochs');
    expect(() => umt({ scale: 10, teach: 6 }, RUN)).toThrow('teachers take 6 of 6 epochs');
  });
});
