import type { Predictions } from '@equimodal/core';
import { definePiece } from '@equimodal/core';
import { z } from 'zod';
import { checkPredictions } from '../predictions/predictions.js';

/** What a class without a positive sample does to the mean: left out of it, or counted as 0 (as scikit-learn). */
export type AbsentClasses = 'skip' | 'zero';

/**
 * Average precision of one ranking, not interpolated: AP = sum_n (R_n - R_(n-1)) P_n over the distinct scores in
 * falling order, so equal scores are one group (`sklearn.metrics.average_precision_score`).
 *
 * @param scores any finite numbers
 * @param positive whether the sample at that index is of the class
 * @returns AP in [0, 1], or null when there is no positive sample (it is not defined then)
 */
export function averagePrecision(scores: ArrayLike<number>, positive: (index: number) => boolean): number | null {
  const all = new Float64Array(scores).sort();
  const hits = new Float64Array(scores).filter((_, i) => positive(i)).sort();
  if (hits.length === 0) return null;
  let sum = 0;
  let ranked = 0;
  let found = 0;
  // Recall grows only at scores that a positive has: visit those, from the top.
  while (found < hits.length) {
    const score = hits[hits.length - 1 - found]!;
    const before = found;
    while (found < hits.length && hits[hits.length - 1 - found] === score) found++;
    while (ranked < all.length && all[all.length - 1 - ranked]! >= score) ranked++;
    sum += ((found - before) * found) / ranked;
  }
  return sum / hits.length;
}

/**
 * Mean over classes of the average precision of the class's probability, one class against the rest, in [0, 1].
 *
 * A class without positives has no average precision: it is left out by default, and counts as 0 with `zero`, which is
 * what scikit-learn does.
 *
 * @throws EQM_DATA_SPLIT on an empty split; EQM_PLUGIN_FAULT, EQM_DATA_MALFORMED, EQM_TRAIN_DIVERGED on malformed input.
 */
export function meanAveragePrecision(input: Predictions, absentClasses: AbsentClasses = 'skip'): number {
  checkPredictions(input, 'metric "map"');
  const { size, classes, probabilities, labels } = input;
  const scores = new Float64Array(size);
  let sum = 0;
  let counted = 0;
  for (let c = 0; c < classes; c++) {
    for (let i = 0; i < size; i++) scores[i] = probabilities[i * classes + c]!;
    const precision = averagePrecision(scores, (i) => labels[i] === c);
    if (precision === null && absentClasses === 'skip') continue;
    sum += precision ?? 0;
    counted++;
  }
  return sum / counted;
}

/** The metric `map`. */
export const mapMetric = definePiece({
  kind: 'metric',
  id: 'map',
  description: 'Mean over classes of the average precision, one class against the rest',
  facts: { higherIsBetter: true, bounds: [0, 1] },
  options: z.object({
    absentClasses: z
      .enum(['skip', 'zero'])
      .default('skip')
      .describe('A class without samples is left out of the mean, or counts as 0 (as scikit-learn)'),
  }),
  create: ({ absentClasses }) => ({
    key: 'map',
    predictions: (input) => meanAveragePrecision(input, absentClasses),
  }),
});
