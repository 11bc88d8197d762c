import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { definePiece, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { z } from 'zod';
import { features } from '../features/features.js';
import { featuresOptions } from '../features/options.js';
import { labelOptions, packOptions } from '../sentiment/options.js';
import { PackDataset } from '../sentiment/sentiment.js';

export const mosiOptions = z
  .strictObject({
    variant: z
      .enum(['features', 'aligned', 'unaligned'])
      .default('features')
      .describe('utterance features in .csv files with a binary label, or a pickled pack with a regression label'),
    ...packOptions,
    ...labelOptions,
    validation: z
      .union([z.number().gt(0).lt(1), z.literal('none')])
      .default(0.15)
      .describe(
        'share of the training rows, by whole videos, that is carved for validation where the variant is "features"; packs have a split of their own',
      ),
  })
  .superRefine(({ variant, labels, dropZero, file, time, emptyText }, context) => {
    if (variant !== 'features') return;
    const problem = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (labels !== 'sign') problem('labels', 'the .csv files have a binary label only; choose variant "aligned" or "unaligned"');
    if (dropZero) problem('dropZero', 'the .csv files have a binary label only; choose variant "aligned" or "unaligned"');
    if (file !== undefined) problem('file', 'a pack needs variant "aligned" or "unaligned"');
    if (time !== 'mean') problem('time', 'the .csv files have one vector an utterance; choose variant "aligned" or "unaligned"');
    if (emptyText !== 'keep') problem('emptyText', 'this is for packs; choose variant "aligned" or "unaligned"');
  });
export type MosiOptions = z.output<typeof mosiOptions>;

const CANDIDATES = {
  aligned: ['mosi/aligned_50.pkl', 'MOSI/Processed/aligned_50.pkl', 'mosi/mosi_data.pkl', 'mosi/mosi_raw.pkl'],
  unaligned: ['mosi/unaligned_50.pkl', 'MOSI/Processed/unaligned_50.pkl', 'mosi/mosi_data_noalign.pkl'],
};

/**
 * CMU-MOSI: sentiment of utterances from text, audio and video features.
 *
 * Source: Zadeh et al., MOSI: multimodal corpus of sentiment intensity and subjectivity analysis in online opinion videos, 2016.
 */
export const mosi = definePiece({
  kind: 'dataset',
  id: 'mosi',
  description: 'CMU-MOSI sentiment from text, audio and video features (.csv files or pickled packs)',
  facts: { note: 'needs mosi/ in the data root; the .csv training features leak their labels' },
  options: mosiOptions,
  create: (options, context) =>
    options.variant === 'features'
      ? new MosiFeatures(options, context)
      : new PackDataset(
          options,
          { candidates: CANDIDATES[options.variant], labels: options.labels, dropZero: options.dropZero, published: [1284, 229, 686] },
          context,
        ),
});

/** Tables of utterance features, the rows of one modality beside those of the others; the last column is the label. */
class MosiFeatures implements Dataset {
  readonly modalities: Dataset['modalities'];

  constructor(
    private readonly options: MosiOptions,
    private readonly context: DatasetContext,
  ) {
    this.modalities = [...new Set(options.modalities)].map((name) => ({ name, kind: 'vector' }));
  }

  load(): Promise<LoadedDataset> {
    const { validation, standardize } = this.options;
    const names = this.modalities.map(({ name }) => name);
    const transcripts = existsSync(join(this.context.requireDataRoot(), 'mosi/transcripts.csv'));
    const carved = validation !== 'none';
    const options = featuresOptions.parse({
      modalities: Object.fromEntries(
        names.map((name) => [name, { train: `mosi/${name}/${name}_train0.csv`, test: `mosi/${name}/${name}_test0.csv` }]),
      ),
      labels: { from: names, column: 'last' },
      classes: ['negative', 'non-negative'],
      standardize,
      ...(carved && transcripts ? { groups: GROUPS } : {}),
      ...(carved ? { validation: { fraction: validation, by: transcripts ? 'group' : 'row' } } : {}),
      notes: [
        'training features leak their labels: validation cannot select a model here',
        ...(carved && !transcripts
          ? ['mosi/transcripts.csv is not there: validation rows are drawn by row, so videos are on both sides']
          : []),
      ],
    });
    return features.create(options, this.context, NO_PIECES).load();
  }
}

/** Video of each training row: the transcripts are in the order of the features once they are filtered and sorted by label. */
const GROUPS = {
  path: 'mosi/transcripts.csv',
  column: 0,
  pattern: '^(.*)_\\d+$',
  where: { column: 2, max: 62 },
  sort: { column: 3, descending: true },
  labels: 3,
};
const NO_PIECES: Parameters<typeof features.create>[2] = {
  resolve: () => {
    throw new TypeError('feature tables are made of no other pieces');
  },
};
