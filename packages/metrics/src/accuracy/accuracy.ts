import type { Predictions } from '@equimodal/core';
import { definePiece } from '@equimodal/core';
import { z } from 'zod';
import { checkPredictions, predictedLabels } from '../predictions/predictions.js';

/**
 * Share of samples whose largest probability is that of their class, in [0, 1].
 *
 * Of equal probabilities the first class counts as predicted (as numpy's argmax).
 *
 * @throws EQM_DATA_SPLIT on an empty split; EQM_PLUGIN_FAULT, EQM_DATA_MALFORMED, EQM_TRAIN_DIVERGED on malformed input.
 */
export function accuracy(input: Predictions): number {
  checkPredictions(input, 'metric "accuracy"');
  let correct = 0;
  for (const [row, predicted] of predictedLabels(input).entries()) {
    if (predicted === input.labels[row]) correct++;
  }
  return correct / input.size;
}

/** The metric `accuracy`. */
export const accuracyMetric = definePiece({
  kind: 'metric',
  id: 'accuracy',
  description: 'Share of samples whose most probable class is the true one',
  facts: { higherIsBetter: true, bounds: [0, 1] },
  options: z.object({}),
  create: () => ({ key: 'accuracy', predictions: accuracy }),
});
