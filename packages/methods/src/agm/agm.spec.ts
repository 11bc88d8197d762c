import type { Fused } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { valueAndGradients } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers, LABELS, matrix, numbers, type Rows, Z_AUDIO, Z_VISUAL } from '../fixture/context.fixture.js';
import { agm, type AgmOptions } from './agm.js';
import { agmCoefficients, responseScore, runningMean } from './coefficients.js';
import { coalitions, monoModalResponses, shapleyWeights } from './responses.js';

const RUN = { modalities: ['audio', 'visual'], featureSizes: { audio: 2, visual: 2 }, classes: 3, epochs: 1 };
const PAPER: AgmOptions = { alpha: 1.5, cap: 10, clip: 1, start: 0, end: null };
const labels = () => tf.tensor1d(LABELS, 'int32');

describe('mono-modal responses', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('knows every coalition once', () => {
    expect(coalitions(['a', 'v', 't']).map((set) => set.join(''))).toEqual(['a', 'v', 't', 'av', 'at', 'vt', 'avt']);
    expect(coalitions(['1', '2', '3', '4', '5', '6'])).toHaveLength(63);
  });

  it('weighs two and three modalities as published', () => {
    const weights = (all: string[], one: string) =>
      Object.fromEntries(shapleyWeights(all, one).map(({ present, weight }) => [present.join(''), weight]));
    expect(weights(['a', 'v'], 'a')).toEqual({ a: 0.5, v: -0.5, av: 0.5 });
    const third = weights(['a', 'v', 't'], 'a');
    for (const [set, expected] of Object.entries({ avt: 1 / 3, vt: -1 / 3, a: 1 / 3, av: 1 / 6, v: -1 / 6, at: 1 / 6, t: -1 / 6 })) {
      expect(third[set], set).toBeCloseTo(expected, 10);
    }
  });

  it('adds up to the fused logits, three modalities', () => {
    const f: Record<string, number[]> = {
      avt: [2, 0],
      vt: [1, 0.5],
      at: [1.5, 0.2],
      av: [1.8, 0.1],
      a: [1, 0],
      v: [0.5, 0.4],
      t: [0.2, 0.3],
    };
    const responses = monoModalResponses(['a', 'v', 't'], (present) => matrix([f[present.join('')]!]));
    expectNumbers(responses['a']!, [1.1, -0.233333]);
    expectNumbers(responses['v']!, [0.6, 0.116667]);
    expectNumbers(responses['t']!, [0.3, 0.116667]);
  });
});

describe('coefficients', () => {
  it('follow the running means', () => {
    const step = (scores: number[], means: tf.Tensor, count: number, expected: { k: number[]; means: number[] }) => {
      const now = tf.tensor1d(scores);
      expectNumbers(agmCoefficients(now, means, PAPER).coefficients, expected.k, 4);
      const next = runningMean(means, now, tf.scalar(count));
      expectNumbers(next, expected.means, 5);
      return next;
    };
    const scores = [Z_AUDIO, Z_VISUAL].map((rows) => numbers(responseScore(matrix(rows), labels(), 3))[0]!);
    expectNumbers(scores, [0.427141, 1.018201]);
    const one = step(scores, tf.zeros([2]), 0, { k: [0.29854, 1.953045], means: [0.427141, 1.018201] });
    const two = step([0.6, 1], one, 1, { k: [1.60178, 0.839566], means: [0.51357, 1.0091] });
    step([0.9, 0.8], two, 2, { k: [3.018608, 0.475264], means: [0.64238, 0.9394] });
  });

  it('compare with the mean of the others, and are capped', () => {
    const scores = tf.tensor1d([0.5, 1, 1.2]);
    expectNumbers(agmCoefficients(scores, tf.zeros([3]), PAPER).advantage, [1.822119, 0.860708, 0.637628]);
    const far = agmCoefficients(tf.tensor1d([1, 1]), tf.tensor1d([0, 9]), { alpha: 1, cap: 2 });
    expectNumbers(far.coefficients, [Math.exp(2), Math.exp(Math.exp(-9) - 1)]);
  });
});

describe('agm', () => {
  /** A fusion that adds unimodal logits: with a modality missing, its logits are missing. */
  const stepOn = (audio: tf.Tensor, visual: tf.Tensor, memory: tf.Tensor, active = 1) => {
    const each: Record<string, tf.Tensor> = { audio, visual };
    const given = contextOf({ active, memory: { means: memory, count: tf.scalar(1) }, forward: (present) => only(each, present) });
    return { ...given, context: { ...given.context, fused: only(each, new Set(['audio', 'visual'])) } };
  };
  const only = (each: Record<string, tf.Tensor>, present: ReadonlySet<string>): Fused => ({
    logits: tf.addN([...present].map((name) => each[name]!)),
    unimodal: each,
  });
  const gradientOf = (active: number) => {
    const [audio, visual] = [matrix(Z_AUDIO), matrix(Z_VISUAL)];
    return valueAndGradients(
      () => {
        const { context } = stepOn(audio, visual, tf.tensor1d([0.427141, 1.018201]), active);
        const { logits } = agm(PAPER, RUN).logits!(context)!;
        return { value: tf.sum(tf.mul(logits, matrix(WEIGHTS))), aux: { logits } };
      },
      { audio, visual },
    );
  };
  const WEIGHTS: Rows = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
    [1, 1, 1],
  ];

  it('keeps the logits, and scales the gradient into each modality of an additive model by its coefficient', () => {
    const { aux, gradients } = gradientOf(1);
    expectNumbers(
      aux['logits']!,
      Z_AUDIO.flatMap((row, i) => row.map((value, c) => value + Z_VISUAL[i]![c]!)),
    );
    const scores = tf.tensor1d([0.427141, 1.018201]);
    const [audio, visual] = numbers(agmCoefficients(scores, scores, PAPER).coefficients);
    expect(audio).toBeCloseTo(1, 4);
    expectNumbers(
      gradients['audio']!,
      WEIGHTS.flat().map((w) => w * audio!),
      3,
    );
    expectNumbers(
      gradients['visual']!,
      WEIGHTS.flat().map((w) => w * visual!),
      3,
    );
  });

  it('damps the modality that is ahead when nothing is remembered yet, and nobody outside its window', () => {
    const { context, reported } = stepOn(matrix(Z_AUDIO), matrix(Z_VISUAL), tf.zeros([2]));
    agm(PAPER, RUN).logits!(context);
    const seen = reported();
    expectNumbers([seen['coefficient/audio']!, seen['coefficient/visual']!], [0.29854, 1.953045], 4);
    expectNumbers([seen['response/audio']!, seen['response/visual']!], [0.427141, 1.018201]);
    const out = stepOn(matrix(Z_AUDIO), matrix(Z_VISUAL), tf.zeros([2]), 0);
    agm(PAPER, RUN).logits!(out.context);
    expectNumbers([out.reported()['coefficient/audio']!], [1]);
    expectNumbers(gradientOf(0).gradients['audio']!, WEIGHTS.flat());
  });

  it('clips everything where the gradient of the fusion has a large entry', () => {
    const gradients = { 'fusion/kernel': tf.tensor1d([3, 0]), 'encoders/audio/kernel': tf.tensor1d([4]) };
    const out = agm(PAPER, RUN).gradients!(contextOf({ gradients }).context)!;
    expectNumbers(out['fusion/kernel']!, [0.6, 0]);
    expectNumbers(out['encoders/audio/kernel']!, [0.8]);
    const small = { 'fusion/kernel': tf.tensor1d([0.9, 0]), 'encoders/audio/kernel': tf.tensor1d([4]) };
    expectNumbers(agm(PAPER, RUN).gradients!(contextOf({ gradients: small }).context)!['encoders/audio/kernel']!, [4]);
  });
});
