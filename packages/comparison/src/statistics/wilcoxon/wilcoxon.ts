import { EquimodalError } from '@equimodal/core';
import { midranks, tieSizes } from '../ranks/midranks.js';
import { normalTail } from '../special/gamma.js';

export interface SignedRankTest {
  /** The smaller of the sums of ranks of positive and of negative differences. */
  readonly statistic: number;
  /** Two-sided p value; null when every difference is zero, or one is not a number. */
  readonly pValue: number | null;
  /** Pairs that differ, those that were ranked. */
  readonly pairs: number;
}

/** Up to this many pairs the p value is exact. */
const EXACT = 50;

/**
 * Wilcoxon's signed-rank test of `a` against `b`, two-sided; `a[i]` and `b[i]` are the same seed. Pairs without a difference are
 * left out, equal differences share their ranks. Up to 50 pairs the p value is exact: the share of all sign patterns, given
 * these ranks, that are as far out; above, the normal approximation with its correction for ties.
 *
 * With n pairs the smallest p there can be is 2 / 2^n: 0.25 for three seeds, 0.0625 for five; below .05 from six seeds on.
 *
 * @throws EQM_INTERNAL when the two are not of one length, or are empty.
 *
 * Source: Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1 (1945).
 */
export function wilcoxonSignedRank(a: readonly number[], b: readonly number[]): SignedRankTest {
  if (a.length !== b.length || a.length === 0) {
    throw new EquimodalError('EQM_INTERNAL', `a paired test needs the same seeds on both sides, got ${a.length} and ${b.length} values`, {
      where: 'wilcoxonSignedRank',
    });
  }
  const differences = a.map((value, i) => value - b[i]!);
  if (!differences.every(Number.isFinite)) return { statistic: NaN, pValue: null, pairs: 0 };
  // Accuracies are fractions of one size of split: what differs by less than their rounding is equal.
  const tolerance = 8 * Number.EPSILON * Math.max(...a.map(Math.abs), ...b.map(Math.abs));
  const other = differences.filter((value) => Math.abs(value) > tolerance);
  const n = other.length;
  if (n === 0) return { statistic: 0, pValue: null, pairs: 0 };
  const ranks = midranks(other.map(Math.abs), tolerance);
  const above = ranks.reduce((sum, rank, i) => (other[i]! > 0 ? sum + rank : sum), 0);
  const total = (n * (n + 1)) / 2;
  const statistic = Math.min(above, total - above);
  return { statistic, pValue: n <= EXACT ? exact(ranks, statistic) : normal(ranks, statistic), pairs: n };
}

/** Share of the 2^n sign patterns whose smaller sum of ranks is at most `statistic`. */
function exact(ranks: readonly number[], statistic: number): number {
  // Ranks are multiples of a half, so doubled they index a table of how likely each sum is.
  const doubled = ranks.map((rank) => Math.round(2 * rank));
  const total = doubled.reduce((sum, rank) => sum + rank, 0);
  let likely = new Float64Array(total + 1);
  likely[0] = 1;
  for (const rank of doubled) {
    const next = new Float64Array(total + 1);
    for (let sum = 0; sum <= total; sum++) next[sum] = 0.5 * (likely[sum]! + (sum >= rank ? likely[sum - rank]! : 0));
    likely = next;
  }
  let tail = 0;
  for (let sum = 0; sum <= Math.round(2 * statistic); sum++) tail += likely[sum]!;
  return Math.min(1, 2 * tail);
}

function normal(ranks: readonly number[], statistic: number): number {
  const n = ranks.length;
  const mean = (n * (n + 1)) / 4;
  const ties = tieSizes(ranks).reduce((sum, size) => sum + size ** 3 - size, 0);
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - ties / 48;
  return Math.min(1, 2 * normalTail((mean - statistic) / Math.sqrt(variance)));
}
