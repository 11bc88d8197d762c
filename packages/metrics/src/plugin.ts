import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { accuracyMetric } from './accuracy/accuracy.js';
import { eceMetric } from './ece/ece.js';
import { linearProbeMetric } from './linear-probe/linear-probe.js';
import { macroF1Metric } from './macro-f1/macro-f1.js';
import { mapMetric } from './map/map.js';
import { missingRobustnessMetric } from './missing-robustness/missing-robustness.js';
import { modalityGapMetric } from './modality-gap/modality-gap.js';
import { noiseRobustnessMetric } from './noise-robustness/noise-robustness.js';
import { shapleyMetric } from './shapley/shapley.js';

/** Accuracy, macro F1, mean average precision, calibration error, the modality gap, a linear probe, contributions and robustness. */
export const metrics = definePlugin({
  name: 'metrics',
  contractVersion: CONTRACT_VERSION,
  provides: [
    accuracyMetric,
    macroF1Metric,
    mapMetric,
    eceMetric,
    modalityGapMetric,
    linearProbeMetric,
    shapleyMetric,
    missingRobustnessMetric,
    noiseRobustnessMetric,
  ],
});
