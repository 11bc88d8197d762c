import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { ogmGeMethod } from './ogm-ge/ogm-ge.js';
import { ogmMethod } from './ogm/ogm.js';
import { unimodalSumMethod } from './unimodal-sum/unimodal-sum.js';
import { unimodalMethod } from './unimodal/unimodal.js';

/** One modality alone, the sum of unimodal losses, OGM and OGM-GE. */
export const methods = definePlugin({
  name: 'methods',
  contractVersion: CONTRACT_VERSION,
  provides: [unimodalMethod, unimodalSumMethod, ogmMethod, ogmGeMethod],
});
