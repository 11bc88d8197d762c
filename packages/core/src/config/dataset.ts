import { z } from 'zod';
import type { UseSpec } from './use.js';

const common = {
  validation: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe(
      'share of the training rows kept for validation, the same rows whatever the seed of a run; absent: as training.validationFraction says',
    ),
  by: z
    .enum(['auto', 'class', 'group'])
    .default('auto')
    .describe(
      'class: every class gives the same share; group: whole speakers, subjects or videos; auto: group where the dataset has groups',
    ),
  seed: z.int().min(0).default(0).describe('which rows; independent of the seed of a run'),
};

const protocol = z.discriminatedUnion(
  'use',
  [
    z.strictObject({ use: z.literal('published').describe('the splits the dataset comes with'), ...common }),
    z
      .strictObject({
        use: z.literal('k-fold').describe('one fold is tested, the others are trained on'),
        folds: z.int().min(2).default(5).describe('number of folds'),
        fold: z.int().min(0).default(0).describe('the fold that is tested, counted from 0'),
        pool: z
          .enum(['all', 'train'])
          .default('all')
          .describe('the rows that are parted: those of all splits, or the training split alone'),
        ...common,
      })
      .refine(({ fold, folds }) => fold < folds, { path: ['fold'], message: 'the fold is counted from 0 and is less than "folds"' }),
  ],
  { error: 'expected published or k-fold' },
);

/** Options that every dataset takes: the host sees to them. */
export const commonDatasetOptions = { protocol: protocol.optional() } as const;

/** How the rows of a dataset are parted into train, validation and test. */
export type Protocol = z.output<typeof protocol>;

/** A chosen dataset, with what the host does for it. */
export interface DatasetChoice extends UseSpec {
  readonly protocol?: Protocol;
}

/** `protocol: k-fold` written out. */
export function withProtocol(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return typeof given['protocol'] === 'string' ? { ...given, protocol: { use: given['protocol'] } } : { ...given };
}

/** A chosen dataset in the form its factory takes: without what the host sees to. */
export function datasetChosen(spec: DatasetChoice): { use: string; options: Record<string, unknown> } {
  const { use, protocol: _protocol, ...options } = spec;
  return { use, options };
}
