import { z } from 'zod';
import { ARRAY_EXTENSIONS } from '../readers/array.js';

const tablePath = z
  .string()
  .regex(new RegExp(`\\.(${ARRAY_EXTENSIONS.join('|')})$`, 'i'), `expected a file named .${ARRAY_EXTENSIONS.join(', .')}`)
  .describe('file, relative to the data root');
const column = z.union([z.literal('last'), z.int().min(0)]).describe('column: "last", or counted from 0');
const range = z.tuple([z.int().min(0), z.int().min(0)]).describe('rows [from, to), counted from 0');

const sourceMap = z.strictObject({
  path: tablePath,
  key: z
    .string()
    .optional()
    .describe('array of an .npz, dataset of an HDF5 file, path in a pickle ("train/text"), tensor of a .safetensors, column of a .parquet'),
  variable: z.string().optional().describe('variable of a .mat file; "X{2}" is the second cell of X'),
});
const source = z.union([tablePath, sourceMap]);
export type Source = z.output<typeof source>;

const modality = z
  .strictObject({
    train: source.optional().describe('training rows'),
    validation: source.optional().describe('validation rows'),
    test: source.optional().describe('test rows'),
    file: source.optional().describe('one file for all rows; needs "split"'),
    key: z.string().optional().describe('array within the files, see the key of a single file'),
    variable: z.string().optional().describe('variable of the .mat files'),
    header: z.boolean().default(false).describe('the first row of the .csv files holds names'),
    transpose: z.boolean().default(false).describe('the file is [features, rows]'),
    columns: range.optional().describe('columns [from, to) to keep; default all'),
  })
  .refine(
    ({ file, train, test }) => (file !== undefined) !== (train !== undefined && test !== undefined),
    'give either "file", or "train" and "test"',
  );
export type ModalityOptions = z.output<typeof modality>;

const labelFiles = z.strictObject({
  train: source.optional().describe('labels of the training rows'),
  validation: source.optional().describe('labels of the validation rows'),
  test: source.optional().describe('labels of the test rows'),
  file: source.optional().describe('labels of all rows; needs "split"'),
  column: column.default(0),
  header: z.boolean().default(false).describe('the first row of the .csv files holds names'),
});
const labelColumn = z.strictObject({
  from: z
    .union([z.string(), z.array(z.string()).min(1)])
    .describe('modality whose table holds the label, or several: then they must agree; the column is taken out of each'),
  column: column.default('last'),
});
export type LabelOptions = z.output<typeof labelColumn> | z.output<typeof labelFiles>;

const groups = z.strictObject({
  path: z
    .string()
    .regex(/\.(csv|tsv)$/i, 'expected a .csv or .tsv file')
    .describe('table with one row per training row'),
  column: z.int().min(0).default(0).describe('column that names the group'),
  pattern: z.string().optional().describe('regular expression; its first group is the name, e.g. "^(.*)_\\d+$"'),
  header: z.boolean().default(false).describe('the first row holds names'),
  where: z
    .strictObject({ column: z.int().min(0), min: z.number().optional(), max: z.number().optional() })
    .optional()
    .describe('keep the rows whose number in that column lies in [min, max]'),
  sort: z
    .strictObject({ column: z.int().min(0), descending: z.boolean().default(false) })
    .optional()
    .describe('stable sort by the number in that column, where the features are sorted so'),
  labels: z.int().min(0).optional().describe('column that must equal the labels: a check of the alignment'),
});
export type GroupOptions = z.output<typeof groups>;

const validation = z.strictObject({
  fraction: z.number().gt(0).lt(1).describe('share of the training rows'),
  seed: z.int().min(0).default(0).describe('which rows; independent of the seed of a run'),
  by: z.enum(['row', 'group']).default('row').describe('stratified rows, or whole groups'),
});

export const featuresOptions = z
  .strictObject({
    modalities: z.record(z.string().min(1), modality).describe('feature tables [rows, features], by name of the modality'),
    labels: z.union([labelColumn, labelFiles]).describe('where the class of each row is'),
    split: z
      .strictObject({ train: range, validation: range.optional(), test: range })
      .optional()
      .describe('row ranges, for modalities given as one "file"'),
    base: z
      .union([z.literal('auto'), z.int()])
      .default('auto')
      .describe('smallest label; "auto" is 1 where the labels start at 1, else 0'),
    classes: z.array(z.string()).min(2).optional().describe('names of the classes; default their numbers'),
    standardize: z.enum(['none', 'zscore', 'minmax']).default('zscore').describe('per column, fitted on the training rows'),
    nonFinite: z.enum(['error', 'zero']).default('error').describe('what to do with NaN and infinite features'),
    groups: groups.optional().describe('group of each training row (video, speaker), for validation by group'),
    validation: validation.optional().describe('carve validation from the training rows'),
    notes: z.array(z.string()).default([]).describe('remarks that the report repeats'),
  })
  .superRefine((options, context) => {
    const problem: Problem = (path, message) => context.addIssue({ code: 'custom', path, message });
    const names = Object.keys(options.modalities);
    if (names.length === 0) problem(['modalities'], 'expected at least one modality');
    const single = names.filter((name) => options.modalities[name]!.file !== undefined);
    if (single.length > 0 && single.length < names.length) problem(['modalities'], 'either every modality has "file" or none');
    if (single.length > 0 && options.split === undefined) problem(['split'], 'modalities given as one "file" need "split"');
    if (single.length === 0 && options.split !== undefined) problem(['split'], '"split" is for modalities given as one "file"');
    checkLabels(options.labels, names, single.length > 0, problem);
    if (options.validation?.by === 'group' && options.groups === undefined) problem(['groups'], 'validation by group needs "groups"');
    const given = options.split?.validation !== undefined || names.some((name) => options.modalities[name]!.validation !== undefined);
    if (given && options.validation !== undefined) problem(['validation'], 'the data have a validation split; it cannot be carved as well');
    if (given && names.some((name) => options.split === undefined && options.modalities[name]!.validation === undefined)) {
      problem(['modalities'], 'either every modality has "validation" or none');
    }
    checkRanges(options.split ?? {}, problem);
  });
export type FeaturesOptions = z.output<typeof featuresOptions>;

type Problem = (path: (string | number)[], message: string) => void;

/** Row ranges must hold rows and must not overlap. */
function checkRanges(split: Readonly<Record<string, readonly [number, number] | undefined>>, problem: Problem): void {
  const ranges = Object.entries(split).flatMap(([name, range]) => (range === undefined ? [] : [{ name, range }]));
  ranges.sort((a, b) => a.range[0] - b.range[0]);
  ranges.forEach(({ name, range }, i) => {
    if (range[1] <= range[0]) problem(['split', name], 'the range is empty: expected [from, to) with to above from');
    const before = ranges[i - 1];
    if (before !== undefined && range[0] < before.range[1]) {
      problem(['split', name], `rows [${range.join(', ')}) overlap those of ${before.name}, [${before.range.join(', ')})`);
    }
  });
}

function checkLabels(labels: LabelOptions, names: readonly string[], single: boolean, problem: Problem): void {
  if ('from' in labels) {
    for (const name of [labels.from].flat()) if (!names.includes(name)) problem(['labels', 'from'], `there is no modality "${name}"`);
  } else if (single ? labels.file === undefined : labels.train === undefined || labels.test === undefined) {
    problem(['labels'], single ? 'expected "file"' : 'expected "train" and "test"');
  }
}
