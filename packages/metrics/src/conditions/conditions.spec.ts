import type { Condition, Predictions } from '@equimodal/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { missingRobustness } from '../missing-robustness/missing-robustness.js';
import { noiseRobustness } from '../noise-robustness/noise-robustness.js';
import { imbalanceOf, shapley, shapleyValues } from '../shapley/shapley.js';

/** Predictions of 100 rows of which so many percent are right. */
function right(percent: number): Predictions {
  const labels = new Int32Array(100);
  const probabilities = Float32Array.from({ length: 200 }, (_, i) => ((i % 2 === 0) === Math.floor(i / 2) < percent ? 1 : 0));
  return { size: 100, classes: 2, labels, probabilities };
}

/** Percent right by the modalities shown. */
const WORTH: Readonly<Record<string, number>> = { '': 20, a: 50, t: 60, 'a t': 70, v: 40, 'a v': 55, 't v': 65, 'a t v': 80 };
const predict = ({ present = ['a', 't', 'v'] }: Condition): Promise<Predictions> => Promise.resolve(right(WORTH[present.join(' ')]!));

describe('shapleyValues', () => {
  it('agrees with values worked out by hand', () => {
    const [audio, video] = shapleyValues([0.17, 0.58, 0.35, 0.66]);
    expect(audio).toBeCloseTo(0.36, 10);
    expect(video).toBeCloseTo(0.13, 10);
    const ofThree = shapleyValues([0.2, 0.5, 0.6, 0.7, 0.4, 0.55, 0.65, 0.8]);
    [0.191667, 0.291667, 0.116667].forEach((value, m) => expect(ofThree[m]).toBeCloseTo(value, 6));
  });

  it('adds up to what all are worth above nothing, and gives a player without effect nothing', () => {
    const worths = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(worths, (worth) => {
        expect(shapleyValues(worth).reduce((sum, value) => sum + value, 0)).toBeCloseTo(worth[7]! - worth[0]!, 10);
        const [, , idle] = shapleyValues([...worth.slice(0, 4), ...worth.slice(0, 4)]);
        expect(idle).toBeCloseTo(0, 10);
      }),
    );
  });

  it('says how unequal contributions are', () => {
    expect(imbalanceOf([0.2, 0.2])).toBe(0);
    expect(imbalanceOf([0.5, 0])).toBeCloseTo(1, 4);
    expect(imbalanceOf([0.36, 0.13])).toBeCloseTo(0.23 / 0.49, 4);
  });
});

describe('figures under conditions', () => {
  it('asks every subset for contributions', async () => {
    const { all, perModality } = await shapley({ modalities: ['a', 't', 'v'], predict });
    expect(all['accuracyOfNothing']).toBe(0.2);
    expect(perModality['t']!['shapley']).toBeCloseTo(0.291667, 6);
    expect(all['imbalance']).toBeCloseTo((0.291667 - 0.116667) / 0.6, 4);
  });

  it('refuses more subsets than anyone waits for', async () => {
    const modalities = Array.from({ length: 9 }, (_, m) => `m${m}`);
    await expect(shapley({ modalities, predict })).rejects.toThrow(/"shapley" asks every subset.*512/);
  });

  it('averages over the ways to miss so many', async () => {
    const { all, perModality } = await missingRobustness({ modalities: ['a', 't', 'v'], predict });
    expect(all['accuracyMissing1']).toBeCloseTo((0.7 + 0.55 + 0.65) / 3, 10);
    expect(all['accuracyMissing2']).toBeCloseTo(0.5, 10);
    expect(all['missingRobustness']).toBeCloseTo((0.8 / 2 + 1.9 / 3 + 0.5 / 2) / 2, 10);
    expect(perModality['a']!['accuracyWithout']).toBeCloseTo(0.65, 10);
    expect(await missingRobustness({ modalities: ['a'], predict })).toEqual({ all: {}, perModality: {} });
  });

  it('follows noise in all modalities and in each alone', async () => {
    const noisy = ({ noise = {} }: Condition): Promise<Predictions> =>
      Promise.resolve(right(90 - 20 * (noise['a'] ?? 0) - 10 * (noise['v'] ?? 0)));
    const { all, perModality } = await noiseRobustness({ modalities: ['a', 'v'], predict: noisy }, [0.5, 2]);
    expect([all['accuracyAtNoise0.5'], all['accuracyAtNoise2']]).toEqual([0.75, 0.3]);
    expect(all['noiseRobustness']).toBeCloseTo(((0.9 + 0.75) / 2) * 0.25 + ((0.75 + 0.3) / 2) * 0.75, 10);
    expect(perModality['v']).toMatchObject({ 'accuracyAtNoise0.5': 0.85, accuracyAtNoise2: 0.7 });
  });
});
