import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { epochOf, type PassRows } from '../fixture/epoch.fixture.js';
import { clusterPurity, purity, relearningStrength } from './purity.js';
import { relearning, type RelearningOptions } from './relearning.js';

const RUN = { modalities: ['audio', 'visual'], featureSizes: { audio: 2, visual: 2 }, classes: 2, epochs: 9 };
const OPTIONS: RelearningOptions = { lambda: 3, every: null, times: 2, fraction: 0.5 };

/** Two heaps far apart. */
const HEAPS = [
  [0, 0.1],
  [0.1, 0],
  [9, 9],
  [9.1, 9],
];
const rows = (labels: number[]): PassRows => ({ labels, features: { audio: HEAPS, visual: HEAPS } });
const params = () => ({
  'encoders/audio/kernel': tf.scalar(1),
  'encoders/visual/kernel': tf.scalar(1),
  'fusion/head/kernel': tf.scalar(1),
});

describe('purity', () => {
  it('is the share of the most frequent classes', () => {
    expect(purity([0, 0, 0, 1, 1], [2, 2, 1, 1, 0])).toBe(3 / 5);
    expect(purity([0, 0, 1, 1], [3, 3, 5, 5])).toBe(1);
  });

  it('is 1 for heaps of one class, whatever the seed, and a half where classes are mixed', async () => {
    for (const seed of [0, 1, 2]) expect(await clusterPurity({ rows: HEAPS, labels: [1, 1, 0, 0] }, 2, seed)).toBe(1);
    expect(await clusterPurity({ rows: HEAPS, labels: [0, 1, 0, 1] }, 2, 0)).toBe(0.5);
    expect(await clusterPurity({ rows: HEAPS.slice(0, 1), labels: [0] }, 2, 0)).toBe(1);
  });

  it('gives the strength', () => {
    expect(relearningStrength(0.9, 0.6, 3)).toBeCloseTo(0.716298, 6);
    expect(relearningStrength(0.6, 0.9, 3)).toBe(0);
  });
});

describe('relearning', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  const runAt = async (epoch: number, validation: number[], options: Partial<RelearningOptions> = {}) => {
    const { context, done } = epochOf({ epoch, params: params(), passes: { train: [rows([0, 0, 1, 1])], validation: [rows(validation)] } });
    await relearning({ ...OPTIONS, ...options }, RUN).epochStart!(context);
    return done;
  };

  it('puts encoders back by how little carries over, a third of the run apart', async () => {
    expect(await runAt(0, [0, 1, 0, 1])).toEqual(['snapshot start']);
    expect(await runAt(2, [0, 1, 0, 1])).toEqual([]);
    const weight = Math.tanh(3 * 0.5);
    expect(await runAt(3, [0, 1, 0, 1])).toEqual([
      'pass train 0.5',
      'pass validation 0.5',
      `restore start encoders/audio/kernel by ${weight}`,
      `restore start encoders/visual/kernel by ${weight}`,
    ]);
    expect((await runAt(6, [0, 1, 0, 1])).length).toBe(4);
    expect(await runAt(9, [0, 1, 0, 1])).toEqual([]);
  });

  it('touches nothing where features carry over', async () => {
    expect(await runAt(3, [1, 1, 0, 0])).toEqual(['pass train 0.5', 'pass validation 0.5']);
  });
});
