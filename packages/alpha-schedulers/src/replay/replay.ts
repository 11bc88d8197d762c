import { definePiece } from '@equimodal/core';
import { z } from 'zod';
import { interpolate, PUBLISHED_CURVES } from './curves.js';
import { recordedAlphas } from './recorded.js';

const names = Object.keys(PUBLISHED_CURVES) as (keyof typeof PUBLISHED_CURVES)[];

const options = z.object({
  values: z.array(z.number().min(0).max(1)).min(1).nullable().default(null).describe('alpha of each epoch'),
  from: z
    .string()
    .nullable()
    .default(null)
    .describe('where values come from: folder of a run, or CSV file with a column "alpha"; read once, when the experiment is'),
  curve: z.enum(names).default('kinetics-sounds').describe('published curve, where neither values nor a file are given'),
  stretch: z
    .boolean()
    .default(true)
    .describe('the curve is brought to the length of the run; false: its epochs as they are, the last one stays'),
});

/**
 * A curve of alpha that was recorded before: by hand, by a run, or the published one of a dataset.
 *
 * With it a learned alpha can be told from a fixed schedule of the same shape.
 * Source of the published curves: LFM (NeurIPS 2024), Figure 3.
 */
export const replayAlpha = definePiece({
  kind: 'alpha-scheduler',
  id: 'replay',
  description: 'A recorded curve of alpha: given values, those of a run or a file, or a published curve',
  facts: {
    paper: {
      title: 'Facilitating Multimodal Classification via Dynamically Learning Modality Gap',
      venue: 'NeurIPS 2024',
      url: 'https://openreview.net/forum?id=QbsPz0SnyV',
    },
    note: 'published curves are read off the vector graphics of Figure 3',
  },
  options: options.refine(({ values, from }) => values === null || from === null, {
    path: ['from'],
    error: 'has no meaning beside values',
  }),
  pin: (chosen, { baseDir }) => (chosen.from === null ? chosen : { ...chosen, values: recordedAlphas(chosen.from, baseDir), from: null }),
  create({ values, from, curve, stretch }, { epochs }) {
    // Options that no experiment file was read for name a file as seen from here.
    const recorded = from === null ? values : recordedAlphas(from, process.cwd());
    const published = PUBLISHED_CURVES[curve];
    const alphas = recorded ?? published.alpha;
    const span = recorded?.length ?? published.epochs;
    const at = recorded === null ? published.at : recorded.map((_, i) => i / Math.max(1, recorded.length - 1));
    const end = (stretch ? epochs : span) - 1;
    const alphaAt = (epoch: number): number => interpolate(at, alphas, end <= 0 ? 0 : Math.min(1, epoch / end));
    return { initial: alphaAt(0), update: ({ epoch }) => ({ alpha: alphaAt(epoch) }) };
  },
});
