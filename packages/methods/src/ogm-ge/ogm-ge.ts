import { definePiece } from '@equimodal/core';
import { gradientModulation, ogmOptions } from '../ogm/modulation.js';
import { OGM_FACTS } from '../ogm/ogm.js';

/** The method `ogm-ge`: `ogm`, with Gaussian noise of the gradient's own deviation on every encoder. */
export const ogmGeMethod = definePiece({
  kind: 'method',
  id: 'ogm-ge',
  description: 'OGM with generalisation enhancement: Gaussian noise on the gradients of every encoder',
  facts: {
    ...OGM_FACTS,
    note: 'The noise has one deviation per tensor, as in the released code; the paper writes a covariance. Made for SGD: Adam divides a steady factor on the gradient away.',
  },
  options: ogmOptions,
  create: (options, context) => gradientModulation('ogm-ge', options, context, true),
});
