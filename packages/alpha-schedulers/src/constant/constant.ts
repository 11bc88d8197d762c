import { definePiece } from '@equimodal/core';
import { z } from 'zod';

/** Alpha that never changes. Table 4 of the LFM paper compares 0, 1/2 and 1. */
export const constantAlpha = definePiece({
  kind: 'alpha-scheduler',
  id: 'constant',
  description: 'one alpha for the whole run',
  facts: {
    paper: {
      title: 'Facilitating Multimodal Classification via Dynamically Learning Modality Gap',
      venue: 'NeurIPS 2024',
      url: 'https://openreview.net/forum?id=QbsPz0SnyV',
    },
  },
  options: z.object({
    value: z.number().min(0).max(1).default(0.5).describe('weight of alignment, in [0, 1]; 0 is plain classification'),
  }),
  create: ({ value }) => ({ initial: value, update: () => ({ alpha: value }) }),
});
