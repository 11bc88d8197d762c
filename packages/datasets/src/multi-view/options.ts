import { z } from 'zod';

const range = z.tuple([z.int().min(0), z.int().min(0)]).describe('rows [from, to), counted from 0');

export const multiViewOptions = z
  .strictObject({
    file: z
      .string()
      .regex(/\.mat$/i, 'expected a .mat file')
      .default('multiview/handwritten_6views.mat')
      .describe('MAT file of level 5 or 7.3, relative to the data root'),
    views: z.array(z.int().min(1)).min(1).optional().describe('which views to read, counted from 1; default all'),
    count: z
      .int()
      .min(1)
      .max(64)
      .default(6)
      .describe('how many views the file has, where "views" does not say it: the modalities of the experiment'),
    names: z.array(z.string().min(1)).optional().describe('names of the modalities, one a view; default view1, view2, ...'),
    labels: z.string().optional().describe('variable of the labels; default the first of Y, y, gt, gnd, label, labels, truth, truelabel'),
    orientation: z
      .enum(['auto', 'rows', 'columns'])
      .default('auto')
      .describe('whether samples are rows or columns; "auto" goes by the number of labels'),
    split: z
      .strictObject({ train: range, validation: range.optional(), test: range })
      .optional()
      .describe('row ranges, for files without a split of their own'),
    testFraction: z.number().gt(0).lt(1).default(0.2).describe('share of every class that is test, where neither file nor "split" says'),
    seed: z.int().min(0).default(0).describe('which rows are test and validation; independent of the seed of a run'),
    validation: z
      .number()
      .gt(0)
      .lt(1)
      .optional()
      .describe('share of the training rows that is carved for validation; default: the trainer carves'),
    standardize: z
      .enum(['none', 'zscore', 'minmax', 'range'])
      .default('zscore')
      .describe('per column, or with "range" (x - mean) / (max - min) over a whole view'),
    fit: z
      .enum(['train', 'each-split'])
      .default('train')
      .describe('fit the scaling on training rows, or on every split by itself, as the released code of TMC and CPM does'),
    classes: z.array(z.string()).min(2).optional().describe('names of the classes; default their numbers'),
  })
  .superRefine(({ names, views, count }, context) => {
    const expected = views?.length ?? count;
    if (names !== undefined && (names.length !== expected || new Set(names).size !== expected))
      context.addIssue({ code: 'custom', path: ['names'], message: `expected ${expected} different names, one a view` });
    if (views !== undefined && new Set(views).size !== views.length)
      context.addIssue({ code: 'custom', path: ['views'], message: 'a view stands here twice' });
  });
export type MultiViewOptions = z.output<typeof multiViewOptions>;
