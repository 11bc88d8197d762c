import { EquimodalError } from '@equimodal/core';
import { sumOfDraws } from './lattice.js';

export interface BootstrapTest {
  /** Mean over test samples and seeds of (row right - reference right): the difference of accuracies. */
  readonly difference: number;
  /** 95 % percentile interval of the difference, over test sets drawn with replacement from this one. */
  readonly ci95: readonly [number, number];
  /** Twice the smaller share of such test sets in which the difference is not above, or not below, zero; at most 1. */
  readonly pValue: number;
  /** Samples of the test split. */
  readonly samples: number;
}

/**
 * Paired bootstrap over test samples: test sets of the same size are drawn with replacement, and both rows are scored on
 * each. It asks whether the difference would hold on another test set, with the models as they are; the tests over seeds ask
 * whether it would hold for models trained again.
 *
 * No draws are made: a sample's difference is one of the 2 S + 1 multiples of 1 / S (S seeds), so the distribution over all
 * draws is computed exactly. The result is the limit of infinitely many resamples, and the same every time.
 *
 * @param row for each seed, 1 for each test sample that the row has right, else 0
 * @param reference the same of the reference row, with the same seeds and samples
 * @throws EQM_INTERNAL when the two do not have the same seeds and samples, or none.
 *
 * Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), sections 13.3 and 15.4.
 */
export function pairedBootstrap(row: readonly ArrayLike<number>[], reference: readonly ArrayLike<number>[]): BootstrapTest {
  const seeds = row.length;
  const samples = row[0]?.length ?? 0;
  if (seeds === 0 || samples === 0 || reference.length !== seeds || [...row, ...reference].some(({ length }) => length !== samples)) {
    throw new EquimodalError('EQM_INTERNAL', 'a paired bootstrap needs the same seeds and test samples on both sides', {
      where: 'pairedBootstrap',
    });
  }
  const counts = new Array<number>(2 * seeds + 1).fill(0);
  let sum = 0;
  for (let i = 0; i < samples; i++) {
    let wins = 0;
    for (let s = 0; s < seeds; s++) wins += (row[s]![i] ? 1 : 0) - (reference[s]![i] ? 1 : 0);
    counts[wins + seeds]!++;
    sum += wins;
  }
  const scale = 1 / (seeds * samples);
  const { from, probability } = sumOfDraws(counts, -seeds, samples);
  let [notAbove, notBelow, cumulated] = [0, 0, 0];
  let [low, high]: [number | null, number | null] = [null, null];
  probability.forEach((p, i) => {
    const value = from + i;
    cumulated += p;
    if (value <= 0) notAbove += p;
    if (value >= 0) notBelow += p;
    if (low === null && cumulated >= 0.025) low = value;
    if (high === null && cumulated >= 0.975) high = value;
  });
  return {
    difference: sum * scale,
    ci95: [(low ?? sum) * scale, (high ?? sum) * scale],
    pValue: Math.min(1, 2 * Math.min(notAbove, notBelow)),
    samples,
  };
}
