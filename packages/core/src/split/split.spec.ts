import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../random/random.js';
import { chooseRows, foldRows } from './split.js';

const random = new RandomStream(3);
const labelled = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 8, maxLength: 90 });
const count = (list: Iterable<number>, wanted: number): number => [...list].filter((value) => value === wanted).length;

describe('foldRows', () => {
  it('deals every class out evenly: folds differ by at most one row a class', () => {
    fc.assert(
      fc.property(labelled, fc.integer({ min: 2, max: 6 }), (list, folds) => {
        const fold = foldRows(Int32Array.from(list), { folds, random });
        for (let label = 0; label < 4; label++) {
          const counts = Array.from({ length: folds }, (_, f) => list.filter((value, row) => value === label && fold[row] === f).length);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
        const sizes = Array.from({ length: folds }, (_, f) => count(fold, f));
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('keeps groups whole, and has an even share of each class where groups allow it', () => {
    // 12 speakers of 10 rows, classes in equal number within each
    const groups = Array.from({ length: 120 }, (_, row) => `speaker ${row % 12}`);
    const labels = Int32Array.from({ length: 120 }, (_, row) => Math.floor(row / 12) % 2);
    const fold = foldRows(labels, { folds: 4, random, groups });
    expect(new Set(groups.map((group, row) => `${group} ${fold[row]}`)).size).toBe(12);
    for (let f = 0; f < 4; f++) {
      const rows = [...fold.keys()].filter((row) => fold[row] === f);
      expect([rows.length, rows.filter((row) => labels[row] === 1).length]).toEqual([30, 15]);
    }
  });

  it('gives one group each where there are as many folds as groups, whatever their classes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 4 })), { minLength: 1, maxLength: 40 }),
        (rows) => {
          const groups = rows.map(([, group]) => `g${group}`);
          const folds = new Set(groups).size;
          const fold = foldRows(
            Int32Array.from(rows, ([label]) => label),
            { folds, random, groups },
          );
          expect(new Set(groups.map((group, row) => `${group} ${fold[row]}`)).size).toBe(folds);
          expect(new Set(fold).size).toBe(folds);
        },
      ),
    );
  });

  it('depends on the random stream and on nothing else', () => {
    const labels = Int32Array.from({ length: 50 }, (_, row) => row % 2);
    expect(foldRows(labels, { folds: 5, random: new RandomStream(1) })).toEqual(
      foldRows(labels, { folds: 5, random: new RandomStream(1) }),
    );
    expect(foldRows(labels, { folds: 5, random: new RandomStream(1) })).not.toEqual(
      foldRows(labels, { folds: 5, random: new RandomStream(2) }),
    );
  });
});

describe('chooseRows', () => {
  it('takes the same share of every class, never all of one', () => {
    fc.assert(
      fc.property(labelled, fc.double({ min: 0.05, max: 0.6, noNaN: true }), (list, fraction) => {
        const chosen = chooseRows(Int32Array.from(list), { fraction, random });
        for (let label = 0; label < 4; label++) {
          const all = count(list, label);
          const got = [...chosen].filter((row) => list[row] === label).length;
          if (all < 2) expect(got).toBe(0);
          else expect([got >= 1, got < all, Math.abs(got - all * fraction) <= 1]).toEqual([true, true, true]);
        }
      }),
    );
  });

  it('takes whole groups, and none where there is only one', () => {
    const labels = new Int32Array(20);
    const groups = Array.from({ length: 20 }, (_, row) => `video ${row % 5}`);
    const chosen = chooseRows(labels, { fraction: 0.4, random, groups });
    expect(chosen.size).toBe(8);
    for (const group of new Set(groups)) {
      const inside = groups.filter((name, row) => name === group && chosen.has(row)).length;
      expect([0, 4]).toContain(inside);
    }
    expect(chooseRows(labels, { fraction: 0.4, random, groups: groups.map(() => 'one') }).size).toBe(0);
  });
});
