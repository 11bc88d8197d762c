export { losses, losses as default } from './plugin.js';
export { crossEntropyLoss } from './cross-entropy/cross-entropy.js';
export { digamma, logGamma } from './evidential/gamma.js';
export { evidentialLoss, expectedCrossEntropy, misleadingEvidence } from './evidential/evidential.js';
export { jensenShannon, reverseJensenShannon } from './divergence/divergence.js';
export { infoNce, infoNceAlignment, infoNceLoss, type InfoNceOptions } from './info-nce/info-nce.js';
export { jsLoss } from './js/js.js';
export { meanOverPairs } from './pairs/pairs.js';
export { reverseJsLoss } from './reverse-js/reverse-js.js';
