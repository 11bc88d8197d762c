export { fusion, fusion as default } from './plugin.js';
export { affine, affineFusion, film } from './affine/affine.js';
export { concat, concatFusion } from './concat/concat.js';
export { linearHeads, type LinearHeads } from './heads/heads.js';
export { mean, meanFusion } from './mean/mean.js';
export { logMeanSoftmax, sum, sumFusion, type SumLevel } from './sum/sum.js';
