import { EquimodalError } from '@equimodal/core';
import { chiSquaredTail } from '../special/gamma.js';
import { fTail } from '../special/student-t.js';
import { rangeQuantile } from '../special/studentized-range.js';
import { midranks, tieSizes } from './midranks.js';

/** Rows ranked over several data sets. */
export interface RankComparison {
  readonly datasets: readonly string[];
  /** The best (lowest) average rank first. `ranks[i]` is the place on `datasets[i]`, 1 the best; equal scores share places. */
  readonly rows: readonly { readonly name: string; readonly average: number; readonly ranks: readonly number[] }[];
  /** Friedman's test that all rows are alike; null for fewer than three rows, or where nothing differs. */
  readonly friedman: {
    readonly chiSquared: number;
    readonly pValue: number;
    /** Iman and Davenport's better-behaved form: F with k - 1 and (k - 1)(N - 1) degrees of freedom. */
    readonly f: number;
    readonly fPValue: number;
  } | null;
  /** Nemenyi's critical difference at the .05 level: average ranks closer than this cannot be told apart. */
  readonly criticalDifference: number;
  /** Longest runs of rows, by name, that lie within the critical difference of each other. */
  readonly groups: readonly (readonly string[])[];
}

const LEVEL = 0.05;

/**
 * Average ranks of rows over data sets, with Friedman's test and Nemenyi's critical difference,
 * CD = q sqrt(k (k + 1) / (6 N)) with q the .05 point of the studentized range over sqrt(2).
 *
 * @param scores for each row, one score per data set, higher is better
 * @throws EQM_INTERNAL for fewer than two rows or two data sets, or a score that is not a number.
 *
 * Source: Demsar, "Statistical comparisons of classifiers over multiple data sets", JMLR 7 (2006), section 3.2.
 */
export function compareRanks(datasets: readonly string[], scores: Readonly<Record<string, readonly number[]>>): RankComparison {
  const names = Object.keys(scores);
  const [k, n] = [names.length, datasets.length];
  const whole = names.every((name) => scores[name]!.length === n && scores[name]!.every(Number.isFinite));
  if (k < 2 || n < 2 || !whole) {
    throw new EquimodalError('EQM_INTERNAL', `ranks need two rows and two data sets with a score each, got ${k} rows and ${n} data sets`, {
      where: 'compareRanks',
    });
  }
  // Of each data set: places, the highest score first.
  const places = datasets.map((_, i) => midranks(names.map((name) => -scores[name]![i]!)));
  const rows = names
    .map((name, j) => {
      const ranks = places.map((of) => of[j]!);
      return { name, ranks, average: ranks.reduce((sum, rank) => sum + rank, 0) / n };
    })
    .sort((a, b) => a.average - b.average);
  const criticalDifference = (rangeQuantile(LEVEL, k) / Math.SQRT2) * Math.sqrt((k * (k + 1)) / (6 * n));
  return { datasets, rows, friedman: friedman(places, rows), criticalDifference, groups: groups(rows, criticalDifference) };
}

function friedman(places: readonly (readonly number[])[], rows: RankComparison['rows']): RankComparison['friedman'] {
  const [n, k] = [places.length, rows.length];
  if (k < 3) return null;
  const ties = places.flatMap(tieSizes).reduce((sum, size) => sum + size ** 3 - size, 0);
  const correction = 1 - ties / (n * (k ** 3 - k));
  if (!(correction > 0)) return null;
  const squares = rows.reduce((sum, { average }) => sum + (average - (k + 1) / 2) ** 2, 0);
  const chiSquared = (((12 * n) / (k * (k + 1))) * squares) / correction;
  const rest = n * (k - 1) - chiSquared;
  const f = rest <= 0 ? Infinity : ((n - 1) * chiSquared) / rest;
  return {
    chiSquared,
    pValue: chiSquaredTail(chiSquared, k - 1),
    f,
    fPValue: Number.isFinite(f) ? fTail(f, k - 1, (k - 1) * (n - 1)) : 0,
  };
}

/** Maximal runs, in order of average rank, whose ends are within the critical difference; single rows are no group. */
function groups(rows: RankComparison['rows'], criticalDifference: number): string[][] {
  const found: string[][] = [];
  let reached = -1;
  rows.forEach((row, from) => {
    let to = from;
    while (to + 1 < rows.length && rows[to + 1]!.average - row.average <= criticalDifference) to++;
    if (to === from || to <= reached) return;
    found.push(rows.slice(from, to + 1).map(({ name }) => name));
    reached = to;
  });
  return found;
}
