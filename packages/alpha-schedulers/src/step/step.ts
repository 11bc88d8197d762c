import { definePiece } from '@equimodal/core';
import { z } from 'zod';

/**
 * The step function h(p): alpha = p in the first half of training and 1 - p in the second.
 *
 * With an odd number of epochs the middle one belongs to the first half.
 * Source: LFM (NeurIPS 2024), Table 4.
 */
export const stepAlpha = definePiece({
  kind: 'alpha-scheduler',
  id: 'step',
  description: 'h(p): alpha = p in the first half of training, 1 - p in the second',
  facts: {
    paper: {
      title: 'Facilitating Multimodal Classification via Dynamically Learning Modality Gap',
      venue: 'NeurIPS 2024',
      url: 'https://openreview.net/forum?id=QbsPz0SnyV',
    },
  },
  options: z.object({
    p: z.number().min(0).max(1).default(0.95).describe('alpha of the first half, in [0, 1]; the second half has 1 - p'),
  }),
  create: ({ p }) => ({
    initial: p,
    update: ({ epoch, epochs }) => ({ alpha: epoch < epochs / 2 ? p : 1 - p }),
  }),
});
