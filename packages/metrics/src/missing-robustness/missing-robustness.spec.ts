import { describe, expect, it } from 'vitest';
import { predict } from '../conditions/right.fixture.js';
import { missingRobustness } from './missing-robustness.js';

describe('missingRobustness', () => {
  it('averages over the ways to miss so many', async () => {
    const { all, perModality } = await missingRobustness({ modalities: ['a', 't', 'v'], predict });
    expect(all['accuracyMissing1']).toBeCloseTo((0.7 + 0.55 + 0.65) / 3, 10);
    expect(all['accuracyMissing2']).toBeCloseTo(0.5, 10);
    expect(all['missingRobustness']).toBeCloseTo((0.8 / 2 + 1.9 / 3 + 0.5 / 2) / 2, 10);
    expect(perModality['a']!['accuracyWithout']).toBeCloseTo(0.65, 10);
    expect(await missingRobustness({ modalities: ['a'], predict })).toEqual({ all: {}, perModality: {} });
  });
});
