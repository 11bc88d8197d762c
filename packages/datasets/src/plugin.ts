import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { avMnistStyle } from './av-mnist-style/av-mnist-style.js';
import { features } from './features/features.js';
import { sarcasm } from './sarcasm/sarcasm.js';
import { synthetic } from './synthetic/synthetic.js';
import { syntheticAv } from './synthetic-av/synthetic-av.js';
import { twitter2015 } from './twitter2015/twitter2015.js';

/** The datasets that come with Equimodal. */
export const datasets = definePlugin({
  name: '@equimodal/datasets',
  contractVersion: CONTRACT_VERSION,
  provides: [syntheticAv, avMnistStyle, features, synthetic, sarcasm, twitter2015],
});
