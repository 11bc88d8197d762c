import { describe, expect, it } from 'vitest';
import fixture from '../statistics.fixture.json' with { type: 'json' };
import { midranks } from './midranks.js';
import { compareRanks } from './ranks.js';

const named = (scores: readonly (readonly number[])[]): Record<string, readonly number[]> =>
  Object.fromEntries(scores.map((of, i) => [`row ${i}`, of]));
const datasets = (n: number): string[] => Array.from({ length: n }, (_, i) => `set ${i}`);

describe('compareRanks', () => {
  it.each(fixture.ranks.map((one, i) => ({ ...one, name: `case ${i}` })))('agrees with scipy: $name', (one) => {
    const result = compareRanks(datasets(one.scores[0]!.length), named(one.scores));
    const averages = Object.fromEntries(result.rows.map(({ name, average }) => [name, average]));
    one.average.forEach((expected, i) => expect(averages[`row ${i}`]).toBeCloseTo(expected, 12));
    expect(result.friedman!.chiSquared).toBeCloseTo(one.chiSquared, 9);
    expect(result.friedman!.pValue).toBeCloseTo(one.pValue, 10);
    expect(result.friedman!.f / one.f).toBeCloseTo(1, 8);
    expect(result.friedman!.fPValue).toBeCloseTo(one.fPValue, 9);
    expect(result.criticalDifference / one.criticalDifference).toBeCloseTo(1, 7);
  });

  it("has the critical difference of Demsar's table: q .05 = 2.569 for four classifiers, 14 data sets", () => {
    const scores = named([0.1, 0.2, 0.3, 0.4].map((of) => new Array<number>(14).fill(of)));
    const { criticalDifference, rows, groups } = compareRanks(datasets(14), scores);
    expect(criticalDifference).toBeCloseTo(2.569 * Math.sqrt((4 * 5) / (6 * 14)), 3);
    expect(rows.map(({ name, average }) => [name, average])).toEqual([
      ['row 3', 1],
      ['row 2', 2],
      ['row 1', 3],
      ['row 0', 4],
    ]);
    expect(groups).toEqual([
      ['row 3', 'row 2'],
      ['row 2', 'row 1'],
      ['row 1', 'row 0'],
    ]);
  });

  it('has no test where nothing differs or two rows are there, and refuses one data set', () => {
    expect(
      compareRanks(
        datasets(2),
        named([
          [1, 1],
          [1, 1],
          [1, 1],
        ]),
      ).friedman,
    ).toBeNull();
    expect(
      compareRanks(
        datasets(2),
        named([
          [1, 1],
          [2, 1],
        ]),
      ).friedman,
    ).toBeNull();
    for (const scores of [
      [[1], [2]],
      [[1, 2]],
      [
        [1, NaN],
        [1, 2],
      ],
    ]) {
      expect(() => compareRanks(datasets(scores[0]!.length), named(scores))).toThrowError(
        expect.objectContaining({ code: 'EQM_INTERNAL' }),
      );
    }
  });
});

describe('midranks', () => {
  it('shares places, also of what differs by rounding', () => {
    expect(midranks([3, 1, 3, 2])).toEqual([3.5, 1, 3.5, 2]);
    expect(midranks([0.3, 0.1 + 0.2, 0.5], 1e-12)).toEqual([1.5, 1.5, 3]);
  });
});
