import { EquimodalError } from '@equimodal/core';
import type { Figure } from '../results/results.js';
import { tQuantile, tTwoSided } from './special/student-t.js';

/** Mean and sample standard deviation (n - 1), in two passes. */
function moments(values: readonly number[]): { mean: number; std: number } {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  if (values.length < 2) return { mean, std: 0 };
  const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, std: Math.sqrt(squares / (values.length - 1)) };
}

/**
 * One figure over seeds: mean, sample standard deviation (n - 1) and the 95 % interval of the mean,
 * mean -+ t(0.975, n - 1) * std / sqrt(n).
 *
 * `values` holds one value per seed, in any unit. One value has `std` 0 and no interval. A value that is NaN makes
 * mean and std NaN and the interval null: a figure that failed for one seed is not quietly averaged over the others.
 * @throws EQM_INTERNAL for no value at all.
 */
export function figure(values: readonly number[]): Figure {
  if (values.length === 0) {
    throw new EquimodalError('EQM_INTERNAL', 'a figure needs the value of at least one seed', {
      where: 'figure',
    });
  }
  const { mean, std } = moments(values);
  if (values.length < 2 || !Number.isFinite(std)) return { mean, std, values: [...values], ci95: null };
  const half = (tQuantile(0.975, values.length - 1) * std) / Math.sqrt(values.length);
  return { mean, std, values: [...values], ci95: [mean - half, mean + half] };
}

/**
 * Paired t test of `a` against `b`, two-sided: t = mean(a - b) / (std(a - b) / sqrt(n)), n - 1 degrees of freedom.
 *
 * `a[i]` and `b[i]` are the same seed. The difference is mean(a - b). The p value is null when it is not defined:
 * fewer than two seeds, a NaN, or differences that do not vary (beyond the rounding of the values themselves).
 * @throws EQM_INTERNAL when the two are not of one length, or are empty.
 */
export function pairedTTest(a: readonly number[], b: readonly number[]): { difference: number; pValue: number | null } {
  if (a.length !== b.length || a.length === 0) {
    throw new EquimodalError('EQM_INTERNAL', `a paired test needs the same seeds on both sides, got ${a.length} and ${b.length} values`, {
      where: 'pairedTTest',
    });
  }
  const differences = a.map((value, i) => value - (b[i] ?? NaN));
  const { mean, std } = moments(differences);
  const scale = Math.max(...a.map(Math.abs), ...b.map(Math.abs));
  const constant = !(std > 8 * Number.EPSILON * scale);
  if (a.length < 2 || constant || !Number.isFinite(std)) return { difference: mean, pValue: null };
  return { difference: mean, pValue: tTwoSided(mean / (std / Math.sqrt(a.length)), a.length - 1) };
}
