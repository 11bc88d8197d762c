import { definePiece, type Facts } from '@equimodal/core';
import { gradientModulation, ogmOptions } from './modulation.js';

/** What `ogm` and `ogm-ge` have in common. */
export const OGM_FACTS = {
  modalities: { min: 2 },
  fusions: ['concat', 'sum', 'mean'],
  backwardPassesPerStep: 1,
  paper: {
    title: 'Balanced Multimodal Learning via On-the-fly Gradient Modulation',
    venue: 'CVPR 2022',
    url: 'https://arxiv.org/abs/2203.15332',
  },
} as const satisfies Facts;

/** The method `ogm`: gradients of encoders that are ahead are damped, batch by batch. */
export const ogmMethod = definePiece({
  kind: 'method',
  id: 'ogm',
  description: 'Damps the encoder gradients of the modality that is ahead, batch by batch',
  facts: {
    ...OGM_FACTS,
    note: 'Made for SGD: Adam divides a steady factor on the gradient away. Ratios of more than two modalities are pairwise means.',
  },
  options: ogmOptions,
  create: (options, context) => gradientModulation('ogm', options, context, false),
});
