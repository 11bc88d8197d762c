import { RandomStream, type LoadedDataset, type Split } from '@equimodal/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchRows } from './batches.js';
import { carve, runSplits } from './splits.js';

/** A split whose only modality is the row number. */
function rowsSplit(labels: number[]): Split {
  return { size: labels.length, labels: Int32Array.from(labels), read: (rows) => ({ x: Float32Array.from(rows) }) };
}
const rowsOf = (split: Split): number[] => [...(split.read(Int32Array.from({ length: split.size }, (_, i) => i)) as { x: Float32Array }).x];

describe('carve', () => {
  it('parts a split: nothing lost, nothing twice, labels follow rows, every class keeps its share', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 80 }),
        fc.double({ min: 0.05, max: 0.6, noNaN: true }),
        fc.integer(),
        (labels, fraction, seed) => {
          const { rest, carved } = carve(rowsSplit(labels), fraction, new RandomStream(seed));
          expect([...rowsOf(rest), ...rowsOf(carved)].sort((a, b) => a - b)).toEqual(labels.map((_, i) => i));
          for (const part of [rest, carved]) expect([...part.labels]).toEqual(rowsOf(part).map((row) => labels[row]));
          for (let c = 0; c < 4; c++) {
            const all = labels.filter((label) => label === c).length;
            const got = carved.labels.filter((label) => label === c).length;
            if (all >= 2) {
              expect(got).toBeGreaterThanOrEqual(1);
              expect(got).toBeLessThan(all);
              expect(Math.abs(got - all * fraction)).toBeLessThanOrEqual(1);
            }
          }
        },
      ),
    );
  });
});

describe('carve of a split with groups', () => {
  it('takes whole groups, and both parts keep theirs', () => {
    const groups = Array.from({ length: 30 }, (_, row) => `speaker ${row % 6}`);
    const { rest, carved } = carve({ ...rowsSplit(groups.map((_, row) => row % 2)), groups }, 0.3, new RandomStream(4));
    expect(carved.size).toBe(10);
    expect(carved.groups).toEqual(rowsOf(carved).map((row) => groups[row]));
    expect(rest.groups!.some((group) => carved.groups!.includes(group))).toBe(false);
  });
});

describe('runSplits', () => {
  const dataset = (validation?: Split): LoadedDataset => ({
    classes: ['a', 'b'],
    modalities: [],
    splits: {
      train: rowsSplit(Array.from({ length: 40 }, (_, i) => i % 2)),
      test: rowsSplit([0, 1]),
      ...(validation === undefined ? {} : { validation }),
    },
    fingerprint: 'x',
  });

  it('takes the validation split of the dataset, or carves one that every row of a seed shares', () => {
    const own = rowsSplit([1, 0, 1]);
    expect(runSplits(dataset(own), { validationFraction: 0.5, outer: null }, new RandomStream(1)).validation).toBe(own);
    const one = runSplits(dataset(), { validationFraction: 0.25, outer: null }, new RandomStream(1));
    const two = runSplits(dataset(), { validationFraction: 0.25, outer: { from: 'held-out', fraction: 0.2 } }, new RandomStream(1));
    expect(rowsOf(one.validation!)).toEqual(rowsOf(two.validation!));
    expect(one.train.size + one.validation!.size).toBe(40);
    const parts = [two.train, two.validation!, two.outer!].flatMap(rowsOf).sort((a, b) => a - b);
    expect(parts).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  it('has no validation split when none is there and none is asked for', () => {
    expect(runSplits(dataset(), { validationFraction: 0, outer: null }, new RandomStream(1)).validation).toBeNull();
  });
});

describe('batchRows', () => {
  it('covers every row in order; dropLast drops only a short last batch', () => {
    expect(batchRows(5, 2).map((rows) => [...rows])).toEqual([[0, 1], [2, 3], [4]]);
    expect(batchRows(5, 2, undefined, true)).toHaveLength(2);
    expect(batchRows(1, 2, undefined, true)).toHaveLength(1);
    expect(batchRows(3, 2, Int32Array.from([2, 0, 1])).map((rows) => [...rows])).toEqual([[2, 0], [1]]);
  });
});
