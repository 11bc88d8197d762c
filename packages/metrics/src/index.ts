export { metrics, metrics as default } from './plugin.js';
export { accuracy, accuracyMetric } from './accuracy/accuracy.js';
export { classF1, macroF1, macroF1Metric, type F1Labels } from './macro-f1/macro-f1.js';
export { averagePrecision, mapMetric, meanAveragePrecision, type AbsentClasses } from './map/map.js';
export { eceMetric, expectedCalibrationError } from './ece/ece.js';
export { featureGap, modalityGap, modalityGapMetric } from './modality-gap/modality-gap.js';
export { predictedLabels } from './predictions/predictions.js';
export { linearProbe, linearProbeMetric, type ProbeOptions } from './linear-probe/linear-probe.js';
