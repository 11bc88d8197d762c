import { describe, expect, it } from 'vitest';
import fixture from '../statistics.fixture.json' with { type: 'json' };
import { pairedBootstrap } from './bootstrap.js';
import { sumOfDraws } from './lattice.js';

const cases = fixture.bootstrap.map((one) => ({
  ...one,
  row: one.row.map((seed) => [...seed].map(Number)),
  reference: one.reference.map((seed) => [...seed].map(Number)),
}));

describe('pairedBootstrap', () => {
  it.each(cases.filter(({ exact }) => exact))('is what all resamples give', ({ row, reference, difference, ci95, pValue }) => {
    const result = pairedBootstrap(row, reference);
    expect(result.difference).toBeCloseTo(difference, 12);
    expect(result.pValue).toBeCloseTo(pValue, 12);
    expect(result.ci95[0]).toBeCloseTo(ci95[0]!, 12);
    expect(result.ci95[1]).toBeCloseTo(ci95[1]!, 12);
  });

  it.each(cases.filter(({ exact }) => !exact))(
    'is near what scipy draws in 100,000 resamples',
    ({ row, reference, difference, ci95, pValue }) => {
      const result = pairedBootstrap(row, reference);
      expect(result.difference).toBeCloseTo(difference, 12);
      expect(Math.abs(result.pValue - pValue)).toBeLessThan(0.004);
      // A step of the lattice is 1 / (samples * seeds); scipy's draws shift its quantiles by a few.
      expect(Math.abs(result.ci95[0] - ci95[0]!)).toBeLessThan(0.002);
      expect(Math.abs(result.ci95[1] - ci95[1]!)).toBeLessThan(0.002);
    },
  );

  it('changes sign with its sides, and sees no difference between equals', () => {
    const [{ row, reference }] = cases.slice(-1) as [(typeof cases)[number]];
    const [one, other] = [pairedBootstrap(row, reference), pairedBootstrap(reference, row)];
    expect(other.difference).toBeCloseTo(-one.difference, 12);
    expect(other.pValue).toBeCloseTo(one.pValue, 9);
    expect(pairedBootstrap(row, row)).toEqual({ difference: 0, ci95: [0, 0], pValue: 1, samples: row[0]!.length });
    // A row that is right everywhere, beside one that never is: no resample changes it.
    expect(pairedBootstrap([[1, 1, 1]], [[0, 0, 0]])).toEqual({ difference: 1, ci95: [1, 1], pValue: 0, samples: 3 });
  });

  it('refuses what is not paired', () => {
    for (const [a, b] of [
      [[], []],
      [[[1, 0]], [[1]]],
      [
        [[1, 0]],
        [
          [1, 0],
          [0, 1],
        ],
      ],
    ] as const) {
      expect(() => pairedBootstrap(a, b)).toThrowError(expect.objectContaining({ code: 'EQM_INTERNAL' }));
    }
  });
});

describe('sumOfDraws', () => {
  it('is a binomial distribution for coins, also for many and for biased ones', () => {
    for (const [n, p] of [
      [10, 0.5],
      [5000, 0.25],
      [20_000, 0.01],
    ] as const) {
      const { from, probability } = sumOfDraws([100 * (1 - p), 100 * p], 0, n);
      const mean = Math.floor(n * p);
      // Ratio of neighbours of the binomial: P(m + 1) / P(m) = (n - m) / (m + 1) * p / (1 - p).
      const ratio = probability[mean + 1 - from]! / probability[mean - from]!;
      expect(ratio).toBeCloseTo(((n - mean) / (mean + 1)) * (p / (1 - p)), 8);
      expect(probability.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 10);
    }
  });
});
