import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { affineFusion } from './affine/affine.js';
import { attentionFusion } from './attention/attention.js';
import { channelFusion } from './channel/channel.js';
import { concatFusion } from './concat/concat.js';
import { evidentialFusion } from './evidential/evidential.js';
import { gatedFusion } from './gated/gated.js';
import { lowRankFusion } from './low-rank/low-rank.js';
import { meanFusion } from './mean/mean.js';
import { mlLstmFusion } from './ml-lstm/ml-lstm.js';
import { sharedHeadFusion } from './shared-head/shared-head.js';
import { sumFusion } from './sum/sum.js';
import { weightFusion } from './weight/weight.js';

/** The fusions that come with Equimodal. */
export const fusion = definePlugin({
  name: 'fusion',
  contractVersion: CONTRACT_VERSION,
  provides: [
    concatFusion,
    sumFusion,
    meanFusion,
    affineFusion,
    gatedFusion,
    weightFusion,
    mlLstmFusion,
    evidentialFusion,
    sharedHeadFusion,
    lowRankFusion,
    channelFusion,
    attentionFusion,
  ],
});
