export { methods, methods as default } from './plugin.js';
export { ogmCoefficients, ogmRatios, ogmScores, type OgmForm } from './ogm/coefficients.js';
export { modulatedPaths, type OgmScope } from './ogm/modulated.js';
export { gradientModulation, noiseDeviation, ogmOptions, type OgmOptions } from './ogm/modulation.js';
export { ogmMethod } from './ogm/ogm.js';
export { ogmGeMethod } from './ogm-ge/ogm-ge.js';
export { unimodal, unimodalMethod } from './unimodal/unimodal.js';
export { unimodalSum, unimodalSumMethod } from './unimodal-sum/unimodal-sum.js';
