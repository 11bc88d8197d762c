import { definePiece } from '@equimodal/core';
import { z } from 'zod';
import { reverseJensenShannon } from '../divergence/divergence.js';
import { meanOverPairs } from '../pairs/pairs.js';

/** The alignment loss `reverse-js`: mean over all unordered pairs of modalities of `reverseJensenShannon`. */
export const reverseJsLoss = definePiece({
  kind: 'alignment',
  id: 'reverse-js',
  description: 'The divergence of the released LFM code: 1/2 [KL(M||p) + KL(M||q)] on unimodal class posteriors',
  facts: {
    modalities: { min: 2 },
    paper: {
      title: 'Facilitating Multimodal Classification via Dynamically Learning Modality Gap',
      venue: 'NeurIPS 2024',
    },
    note: 'For replication of the released code, which uses it in the place of the contrastive loss of the paper; it compares posteriors, has no negatives and no temperature.',
  },
  options: z.object({}),
  create: () => ({
    compute: ({ modalities, unimodal }) => meanOverPairs(modalities, unimodal, reverseJensenShannon, 'alignment "reverse-js"'),
  }),
});
