import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { accuracyMetric } from './accuracy/accuracy.js';
import { eceMetric } from './ece/ece.js';
import { linearProbeMetric } from './linear-probe/linear-probe.js';
import { macroF1Metric } from './macro-f1/macro-f1.js';
import { mapMetric } from './map/map.js';
import { modalityGapMetric } from './modality-gap/modality-gap.js';

/** Accuracy, macro F1, mean average precision, calibration error, the modality gap and a linear probe. */
export const metrics = definePlugin({
  name: 'metrics',
  contractVersion: CONTRACT_VERSION,
  provides: [accuracyMetric, macroF1Metric, mapMetric, eceMetric, modalityGapMetric, linearProbeMetric],
});
