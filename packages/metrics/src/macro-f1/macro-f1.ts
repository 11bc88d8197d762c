import type { Predictions } from '@equimodal/core';
import { definePiece } from '@equimodal/core';
import { z } from 'zod';
import { checkPredictions, predictedLabels } from '../predictions/predictions.js';

/** Which classes the mean goes over: those in truth or prediction (as scikit-learn), or all. */
export type F1Labels = 'union' | 'all';

/**
 * F1 of every class, 2 TP / (2 TP + FP + FN), and whether the class occurs in truth or prediction.
 * A class that does not occur has F1 0.
 */
export function classF1(input: Predictions): {
  readonly f1: Float64Array;
  readonly occurs: readonly boolean[];
} {
  checkPredictions(input, 'metric "macro-f1"');
  const hits = new Float64Array(input.classes);
  // 2 TP + FP + FN of a class: how often it is the truth plus how often it is predicted.
  const mentions = new Float64Array(input.classes);
  for (const [row, predicted] of predictedLabels(input).entries()) {
    const label = input.labels[row]!;
    mentions[label]! += 1;
    mentions[predicted]! += 1;
    if (predicted === label) hits[label]! += 1;
  }
  return {
    f1: hits.map((count, c) => (mentions[c] === 0 ? 0 : (2 * count) / mentions[c]!)),
    occurs: Array.from(mentions, (count) => count > 0),
  };
}

/**
 * Unweighted mean over classes of F1, in [0, 1].
 *
 * With `union` (the default) it is `sklearn.metrics.f1_score(average='macro')`: the mean goes over the classes that are
 * in truth or prediction. With `all` a class that is in neither counts as 0.
 *
 * @throws EQM_DATA_SPLIT on an empty split; EQM_PLUGIN_FAULT, EQM_DATA_MALFORMED, EQM_TRAIN_DIVERGED on malformed input.
 */
export function macroF1(input: Predictions, labels: F1Labels = 'union'): number {
  const { f1, occurs } = classF1(input);
  const counted = f1.filter((_, c) => labels === 'all' || occurs[c]!);
  return counted.reduce((sum, value) => sum + value, 0) / counted.length;
}

/** The metric `macro-f1`. */
export const macroF1Metric = definePiece({
  kind: 'metric',
  id: 'macro-f1',
  description: 'Mean over classes of the F1 score',
  facts: { higherIsBetter: true, bounds: [0, 1] },
  options: z.object({
    labels: z
      .enum(['union', 'all'])
      .default('union')
      .describe('Classes in the mean: those in truth or prediction (as scikit-learn), or all, absent ones counting 0'),
  }),
  create: ({ labels }) => ({ key: 'macroF1', predictions: (input) => macroF1(input, labels) }),
});
