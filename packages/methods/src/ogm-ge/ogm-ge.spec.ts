import { startTestEngine } from '@equimodal/engine';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers, numbers, type ContextParts } from '../fixture/context.fixture.js';
import { noiseDeviation } from '../ogm/modulation.js';
import { ogmGeMethod } from './ogm-ge.js';

const create = (options: unknown = {}) =>
  ogmGeMethod.create(
    ogmGeMethod.options.parse(options),
    { modalities: ['audio', 'visual'], featureSizes: {}, classes: 3, epochs: 100 },
    { resolve: () => expect.fail('nothing to resolve') },
  );

const SIZE = 4096;
/** A large kernel whose gradient is 1 and -1 in turn: mean 0, deviation 1 (but for n - 1). */
const alternating = (): Tensor =>
  tf.tensor4d(
    Float32Array.from({ length: SIZE }, (_, i) => (i % 2 === 0 ? 1 : -1)),
    [8, 8, 8, 8],
  );
const gradients = () => ({
  'encoders/audio/conv/kernel': alternating(),
  'encoders/visual/conv/kernel': alternating(),
  'fusion/head/kernel': tf.tensor2d([[4, 5]]),
});
const run = (parts: ContextParts = {}, options: unknown = {}) =>
  create(options).gradients!(contextOf({ gradients: gradients(), ...parts }).context)!;

/** Mean, sample deviation and kurtosis of what was added to k times the gradient. */
function noiseOf(out: Tensor, k: number) {
  const noise = numbers(out).map((value, i) => value - k * (i % 2 === 0 ? 1 : -1));
  const mean = noise.reduce((a, b) => a + b, 0) / SIZE;
  const moment = (n: number) => noise.reduce((sum, value) => sum + (value - mean) ** n, 0) / SIZE;
  return { mean, deviation: Math.sqrt(moment(2)), kurtosis: moment(4) / moment(2) ** 2 };
}

describe('noiseDeviation', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('divides by n - 1', () => {
    expectNumbers(noiseDeviation(tf.tensor4d([0.1, -0.2, 0.3, 0.4], [2, 2, 1, 1])), [0.264575]);
  });

  it('is the floor for a constant gradient and for one number', () => {
    expect(numbers(noiseDeviation(tf.fill([2, 2], 3)))[0]).toBeCloseTo(1e-8, 12);
    expect(numbers(noiseDeviation(tf.fill([1, 1], 3)))[0]).toBeCloseTo(1e-8, 12);
  });
});

describe('ogm-ge', () => {
  it('adds noise with the deviation of the unmodulated gradient to every encoder, damped or not', () => {
    const out = run();
    for (const [modality, k] of [
      ['audio', 0.098415],
      ['visual', 1],
    ] as const) {
      const { mean, deviation, kurtosis } = noiseOf(out[`encoders/${modality}/conv/kernel`]!, k);
      // Five standard errors of 4,096 normal numbers.
      expect(Math.abs(mean), modality).toBeLessThan(5 / Math.sqrt(SIZE));
      expect(Math.abs(deviation - 1), modality).toBeLessThan(5 / Math.sqrt(2 * SIZE));
      expect(Math.abs(kurtosis - 3), modality).toBeLessThan(5 * Math.sqrt(24 / SIZE));
    }
    expect(numbers(out['fusion/head/kernel']!)).toEqual([4, 5]);
  });

  it('draws other noise for every tensor, and the same noise under the same key', () => {
    const out = run();
    const again = run();
    const other = run({ key: [5, 6] });
    const audio = 'encoders/audio/conv/kernel';
    expect(numbers(again[audio]!)).toEqual(numbers(out[audio]!));
    expect(numbers(other[audio]!)).not.toEqual(numbers(out[audio]!));
    const [a, v] = [numbers(out[audio]!), numbers(out['encoders/visual/conv/kernel']!)];
    const sign = (i: number) => (i % 2 === 0 ? 1 : -1);
    const correlation = a.reduce((sum, value, i) => sum + (value - 0.098415 * sign(i)) * (v[i]! - sign(i)), 0) / SIZE;
    expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(SIZE));
  });

  it('adds nothing outside its window', () => {
    const out = run({ active: 0 });
    expectNumbers(out['encoders/audio/conv/kernel']!, numbers(alternating()), 7);
  });

  it('is OGM where the noise vanishes', () => {
    const flat = () => tf.fill([2, 2, 1, 1], 0.5);
    const out = run({
      gradients: { 'encoders/audio/conv/kernel': flat(), 'encoders/visual/conv/kernel': flat() },
    });
    expectNumbers(out['encoders/audio/conv/kernel']!, [0.0492075, 0.0492075, 0.0492075, 0.0492075]);
  });

  it('has the options and facts of OGM', () => {
    expect(ogmGeMethod.options.parse({})).toEqual({
      alpha: 0.8,
      start: 0,
      end: null,
      form: 'paper',
      scope: 'auto',
    });
    expect(ogmGeMethod.facts.fusions).toEqual(['concat', 'sum', 'mean']);
  });
});
