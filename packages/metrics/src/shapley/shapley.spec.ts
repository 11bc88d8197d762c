import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { predict } from '../conditions/right.fixture.js';
import { imbalanceOf, shapley, shapleyValues } from './shapley.js';

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

describe('shapley', () => {
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
});
