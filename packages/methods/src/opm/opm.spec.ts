import type { Fused } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { crossEntropy } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BIAS,
  contextOf,
  expectNumbers,
  LABELS,
  matrix,
  numbers,
  PHI_AUDIO,
  PHI_VISUAL,
  W_AUDIO,
  W_VISUAL,
  Z_AUDIO,
  Z_VISUAL,
} from '../fixture/context.fixture.js';
import { ogmRatios, ogmScores } from '../ogm/coefficients.js';
import { droppedShare, dropRates } from './dropping.js';
import { opm, opmMethod, type OpmOptions } from './opm.js';

const RELEASED: OpmOptions = { base: 0.5, lambda: 0.5, probability: 1, start: 0, end: null };
const fuse = (features: Readonly<Record<string, tf.Tensor>>): Fused => {
  const own = (name: string, weights: number[][]) =>
    tf.add(tf.matMul(features[name]! as tf.Tensor2D, tf.transpose(matrix(weights)) as tf.Tensor2D), tf.div(tf.tensor1d(BIAS), 2));
  const unimodal = { audio: own('audio', W_AUDIO as number[][]), visual: own('visual', W_VISUAL as number[][]) };
  return { logits: tf.add(unimodal.audio, unimodal.visual), unimodal };
};

describe('drop rates', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const ratios = () => ogmRatios(ogmScores([matrix(Z_AUDIO), matrix(Z_VISUAL)], tf.tensor1d(LABELS, 'int32'), 3));

  it('grow with how far a modality is ahead, and are 0 for the other', () => {
    const rates = dropRates(ratios(), { base: 0.5, lambda: 0.5 });
    expectNumbers(rates, [0.67287, 0]);
    expectNumbers(droppedShare(rates, [2, 2]), [0.336435]);
    const lower = dropRates(ratios(), { base: 0.4, lambda: 0.5 });
    expectNumbers(lower, [0.538296, 0]);
    expectNumbers(tf.div(1, tf.sub(1, droppedShare(lower, [2, 2]))), [1.368266]);
  });
});

describe('opm', () => {
  /** A stream whose draws are given: first the one of the batch, then those of samples and modalities. */
  const drawn = (batch: number, keepAudio: readonly number[], options: OpmOptions = RELEASED, active = 1) => {
    const draws = [tf.tensor1d([batch]), matrix(keepAudio.map((keep) => [keep === 1 ? 0.99 : 0.1, 0.5]))];
    const given = contextOf({ fuse, active });
    const context = { ...given.context, random: { ...given.context.random, uniform: () => draws.shift()! } };
    return { ...given, result: opm(options).features!(context)! };
  };

  it('drops features of the modality that is ahead, and scales what is left', () => {
    const { result, reported } = drawn(0, [1, 0, 1, 0]);
    const { logits } = fuse(result.features!);
    expectNumbers(
      logits,
      [3.214022, -0.602804, -3.440074, 0.275351, 0.226052, -0.049299, -1.834465, 1.808413, 1.759114, 0.426052, -0.075351, -0.501402],
    );
    expectNumbers(crossEntropy(logits, tf.tensor1d(LABELS, 'int32')), [0.745685]);
    expect(result.sampleWeights).toBeUndefined();
    expectNumbers([reported()['rate/audio']!, reported()['rate/visual']!], [0.67287, 0]);
  });

  it('leaves a batch alone that is not drawn, and every batch outside its window', () => {
    for (const { result } of [drawn(0.8, [0, 0, 0, 0], { ...RELEASED, probability: 0.7 }), drawn(0, [0, 0, 0, 0], RELEASED, 0)]) {
      expectNumbers(result.features!['audio']!, PHI_AUDIO.flat());
      expectNumbers(result.features!['visual']!, PHI_VISUAL.flat());
    }
  });

  it('never drops the weakest modality, so that every sample keeps something', () => {
    for (const scores of [
      [3, 2, 1],
      [1, 1, 1],
      [2, 2, 1.9],
      [1, 5, 5],
    ]) {
      const rates = numbers(dropRates(ogmRatios(tf.tensor1d(scores)), { base: 1, lambda: 0.5 }));
      expect(rates[scores.indexOf(Math.min(...scores))], `${scores}`).toBe(0);
    }
  });

  it('warms up for six epochs by default', () => {
    expect(opmMethod.options.parse({})).toMatchObject({ start: 6, end: null });
  });
});
