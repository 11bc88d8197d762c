import { z } from 'zod';
import { MODALITIES } from './pack.js';

const pickleFile = z.string().regex(/\.(pkl|pickle|p)$/i, 'expected a .pkl, .pickle or .p file');

/** Options of every dataset that is distributed as a pickled pack. */
export const packOptions = {
  file: pickleFile.optional().describe('pack, relative to the data root; default the first of the usual names that is there'),
  modalities: z
    .array(z.enum(MODALITIES))
    .min(1)
    .default([...MODALITIES])
    .describe('modalities to read'),
  time: z
    .enum(['mean', 'mean-padded', 'sequence'])
    .default('mean')
    .describe(
      'mean over the steps that are not padding (kind vector), over all steps as some released code does, or all steps (kind sequence)',
    ),
  maxLength: z.int().min(1).max(10_000).default(50).describe('steps that a sequence keeps, for "time: sequence"'),
  standardize: z.enum(['none', 'zscore']).default('zscore').describe('per feature, fitted on the training rows'),
  emptyText: z
    .enum(['keep', 'drop'])
    .default('keep')
    .describe('rows whose text is all zero: kept, or dropped from every split as the released code of MultiBench does'),
};

/** How a regression label in [-3, 3] becomes a class. */
export const labelOptions = {
  labels: z
    .enum(['sign', 'positive', 'seven', 'stored'])
    .default('sign')
    .describe('class: below 0 or not (sign), above 0 or not (positive), nearest of -3 ... 3 (seven), or what the pack stores (stored)'),
  dropZero: z.boolean().default(false).describe('leave rows out whose label is 0 (neutral)'),
};

export interface PackOptions {
  readonly file?: string | undefined;
  readonly modalities: readonly (typeof MODALITIES)[number][];
  readonly time: 'mean' | 'mean-padded' | 'sequence';
  readonly maxLength: number;
  readonly standardize: 'none' | 'zscore';
  readonly emptyText: 'keep' | 'drop';
}

export const variant = z
  .enum(['aligned', 'unaligned'])
  .default('aligned')
  .describe('pack whose modalities are aligned to the words (50 steps), or as they were recorded');
