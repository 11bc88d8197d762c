import { definePiece } from '@equimodal/core';
import { z } from 'zod';
import { jensenShannon } from '../divergence/divergence.js';
import { meanOverPairs } from '../pairs/pairs.js';

/** The alignment loss `js`: mean over all unordered pairs of modalities of `jensenShannon` on the unimodal posteriors. */
export const jsLoss = definePiece({
  kind: 'alignment',
  id: 'js',
  description: 'Jensen-Shannon divergence between unimodal class posteriors, mean over all pairs of modalities',
  facts: {
    modalities: { min: 2 },
    paper: {
      title: 'Divergence measures based on the Shannon entropy',
      venue: 'IEEE Trans. Inf. Theory 37(1), 1991',
    },
  },
  options: z.object({}),
  create: () => ({
    compute: ({ modalities, unimodal }) => meanOverPairs(modalities, unimodal, jensenShannon, 'alignment "js"'),
  }),
});
