import type { Condition, Predictions } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { right } from '../conditions/right.fixture.js';
import { noiseRobustness, noiseRobustnessMetric } from './noise-robustness.js';

describe('noiseRobustness', () => {
  it('follows noise in all modalities and in each alone', async () => {
    const noisy = ({ noise = {} }: Condition): Promise<Predictions> =>
      Promise.resolve(right(90 - 20 * (noise['a'] ?? 0) - 10 * (noise['v'] ?? 0)));
    const { all, perModality } = await noiseRobustness({ modalities: ['a', 'v'], predict: noisy }, [0.5, 2]);
    expect([all['accuracyAtNoise0.5'], all['accuracyAtNoise2']]).toEqual([0.75, 0.3]);
    expect(all['noiseRobustness']).toBeCloseTo(((0.9 + 0.75) / 2) * 0.25 + ((0.75 + 0.3) / 2) * 0.75, 10);
    expect(perModality['v']).toMatchObject({ 'accuracyAtNoise0.5': 0.85, accuracyAtNoise2: 0.7 });
  });

  it('refuses levels that do not ascend', () => {
    expect(noiseRobustnessMetric.options.safeParse({ levels: [1, 0.5] }).success).toBe(false);
    expect(noiseRobustnessMetric.options.safeParse({ levels: [0] }).success).toBe(false);
  });
});
