import { definePiece } from '@equimodal/core';
import { z } from 'zod';
import { packOptions, variant } from '../sentiment/options.js';
import { PackDataset } from '../sentiment/sentiment.js';

export const urFunnyOptions = z.strictObject({ variant, ...packOptions });
export type UrFunnyOptions = z.output<typeof urFunnyOptions>;

const CANDIDATES = {
  aligned: ['ur-funny/humor.pkl', 'urfunny/humor.pkl', 'humor.pkl', 'ur-funny/aligned_50.pkl'],
  unaligned: ['ur-funny/humor_noalign.pkl', 'ur-funny/unaligned_50.pkl'],
};

/**
 * UR-FUNNY: whether an utterance is a punchline, from text, audio and video features, as the pickled pack has them. Labels are 0 and 1,
 * or -1 and 1: what is above 0 is humour.
 *
 * Source: Hasan et al., UR-FUNNY: a multimodal language dataset for understanding humor, EMNLP 2019.
 */
export const urFunny = definePiece({
  kind: 'dataset',
  id: 'ur-funny',
  description: 'UR-FUNNY humour detection from text, audio and video features (pickled pack)',
  facts: { note: 'needs ur-funny/humor.pkl in the data root' },
  options: urFunnyOptions,
  create: (options, context) =>
    new PackDataset(
      options,
      { candidates: CANDIDATES[options.variant], labels: 'positive', classes: ['no humour', 'humour'], dropZero: false },
      context,
    ),
});
