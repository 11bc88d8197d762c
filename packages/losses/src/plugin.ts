import { CONTRACT_VERSION, definePlugin } from '@equimodal/core';
import { crossEntropyLoss } from './cross-entropy/cross-entropy.js';
import { evidentialLoss } from './evidential/evidential.js';
import { infoNceLoss } from './info-nce/info-nce.js';
import { jsLoss } from './js/js.js';
import { reverseJsLoss } from './reverse-js/reverse-js.js';

/** Cross entropy, the evidential loss, and the alignment losses InfoNCE and Jensen-Shannon in both directions. */
export const losses = definePlugin({
  name: 'losses',
  contractVersion: CONTRACT_VERSION,
  provides: [crossEntropyLoss, evidentialLoss, infoNceLoss, jsLoss, reverseJsLoss],
});
