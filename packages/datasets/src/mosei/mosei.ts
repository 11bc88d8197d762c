import { definePiece } from '@equimodal/core';
import { z } from 'zod';
import { labelOptions, packOptions, variant } from '../sentiment/options.js';
import { PackDataset } from '../sentiment/sentiment.js';

export const moseiOptions = z.strictObject({ variant, ...packOptions, ...labelOptions });
export type MoseiOptions = z.output<typeof moseiOptions>;

const CANDIDATES = {
  aligned: ['mosei/aligned_50.pkl', 'MOSEI/Processed/aligned_50.pkl', 'mosei/mosei_senti_data.pkl', 'mosei/mosei_raw.pkl'],
  unaligned: ['mosei/unaligned_50.pkl', 'MOSEI/Processed/unaligned_50.pkl', 'mosei/mosei_senti_data_noalign.pkl'],
};

/**
 * CMU-MOSEI: sentiment of utterances from text, audio and video features, as the pickled packs have them.
 *
 * Source: Bagher Zadeh et al., Multimodal language analysis in the wild: CMU-MOSEI dataset, ACL 2018.
 */
export const mosei = definePiece({
  kind: 'dataset',
  id: 'mosei',
  description: 'CMU-MOSEI sentiment from text, audio and video features (pickled packs)',
  facts: { note: 'needs mosei/aligned_50.pkl or another of the usual packs in the data root' },
  options: moseiOptions,
  create: (options, context) =>
    new PackDataset(
      options,
      { candidates: CANDIDATES[options.variant], labels: options.labels, dropZero: options.dropZero, published: [16326, 1871, 4659] },
      context,
    ),
});
