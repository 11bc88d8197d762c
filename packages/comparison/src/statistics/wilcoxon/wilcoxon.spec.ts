import { describe, expect, it } from 'vitest';
import fixture from '../statistics.fixture.json' with { type: 'json' };
import { wilcoxonSignedRank } from './wilcoxon.js';

describe('wilcoxonSignedRank', () => {
  it.each(fixture.signedRank.map((one, i) => ({ ...one, name: `case ${i}, ${one.a.length} pairs` })))('agrees with scipy: $name', (one) => {
    const result = wilcoxonSignedRank(one.a, one.b);
    expect(result.statistic).toBeCloseTo(one.statistic, 9);
    expect(result.pValue! / one.pValue).toBeCloseTo(1, 9);
    expect(wilcoxonSignedRank(one.b, one.a)).toEqual(result);
  });

  it('cannot be below .25 for three seeds, nor defined where nothing differs', () => {
    expect(wilcoxonSignedRank([0.9, 0.8, 0.85], [0.1, 0.2, 0.15]).pValue).toBe(0.25);
    // 0.1 and 0.3 - 0.2 are one number but for their rounding.
    expect(wilcoxonSignedRank([0.3, 0.7], [0.1 + 0.2, 0.7])).toEqual({ statistic: 0, pValue: null, pairs: 0 });
    expect(wilcoxonSignedRank([NaN, 0.7], [0.3, 0.6]).pValue).toBeNull();
    expect(() => wilcoxonSignedRank([1], [])).toThrowError(expect.objectContaining({ code: 'EQM_INTERNAL' }));
  });
});
