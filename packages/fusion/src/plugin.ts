import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { affineFusion } from './affine/affine.js';
import { concatFusion } from './concat/concat.js';
import { meanFusion } from './mean/mean.js';
import { sumFusion } from './sum/sum.js';

/** Concatenation, sum and mean of own heads, and FiLM. */
export const fusion = definePlugin({
  name: 'fusion',
  contractVersion: CONTRACT_VERSION,
  provides: [concatFusion, sumFusion, meanFusion, affineFusion],
});
