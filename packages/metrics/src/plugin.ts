import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { accuracyMetric } from './accuracy/accuracy.js';
import { linearProbeMetric } from './linear-probe/linear-probe.js';
import { macroF1Metric } from './macro-f1/macro-f1.js';
import { mapMetric } from './map/map.js';
import { modalityGapMetric } from './modality-gap/modality-gap.js';

/** Accuracy, macro F1, mean average precision, the modality gap and a linear probe. */
export const metrics = definePlugin({
  name: 'metrics',
  contractVersion: CONTRACT_VERSION,
  provides: [accuracyMetric, macroF1Metric, mapMetric, modalityGapMetric, linearProbeMetric],
});
