import type { Predictions } from '@equimodal/core';
import { calibrationError, definePiece, reliabilityBins } from '@equimodal/core';
import { z } from 'zod';
import { checkPredictions, predictedLabels } from '../predictions/predictions.js';

/**
 * Expected calibration error of the predicted class, in [0, 1]: how far confidence is from accuracy, over bins of equal width of the
 * confidence (top-label; not per class).
 *
 * Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, equation 3.
 *
 * @param bins number of bins
 * @throws EQM_DATA_SPLIT on an empty split; EQM_PLUGIN_FAULT, EQM_DATA_MALFORMED, EQM_TRAIN_DIVERGED on malformed input.
 */
export function expectedCalibrationError(input: Predictions, bins = 15): number {
  checkPredictions(input, 'metric "ece"');
  const predicted = predictedLabels(input);
  const confidence = Float64Array.from(predicted, (label, row) => input.probabilities[row * input.classes + label]!);
  return calibrationError(reliabilityBins(confidence, (row) => predicted[row] === input.labels[row], bins));
}

/** The metric `ece`. */
export const eceMetric = definePiece({
  kind: 'metric',
  id: 'ece',
  description: 'Expected calibration error: how far the confidence of predictions is from their accuracy',
  facts: {
    higherIsBetter: false,
    bounds: [0, 1],
    paper: {
      title: 'On Calibration of Modern Neural Networks',
      venue: 'ICML 2017',
      url: 'https://arxiv.org/abs/1706.04599',
    },
    note: 'Of the predicted class, over bins of equal width. It depends on the number of bins and is biased upwards on small splits.',
  },
  options: z.object({
    bins: z.int().positive().max(1000).default(15).describe('bins of equal width over the confidence'),
  }),
  create: ({ bins }) => ({ key: 'ece', predictions: (input) => expectedCalibrationError(input, bins) }),
});
