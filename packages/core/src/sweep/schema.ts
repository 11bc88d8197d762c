import { z } from 'zod';

const range = z
  .strictObject({
    from: z.number().describe('smallest value'),
    to: z.number().describe('largest value'),
    scale: z.enum(['linear', 'log']).default('linear').describe('log: every factor is as likely as any other'),
    integer: z.boolean().default(false).describe('whole numbers only, from and to included'),
    points: z.int().min(2).optional().describe('how many values a grid takes, ends included'),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], message: '"to" is larger than "from"' })
  .refine(({ scale, from }) => scale === 'linear' || from > 0, { path: ['from'], message: 'on a log scale "from" is larger than 0' });

const values = z.array(z.unknown()).min(1);

/** Values that a setting may take: a list, or a range. */
const dimension = z.union([values.transform((list) => ({ values: list })), z.strictObject({ values }), range], {
  error: 'expected a list of values, or a map with "from" and "to"',
});
export type Dimension = z.output<typeof dimension>;

const space = z.record(z.string().regex(/^[\w-]+(\.[\w/-]+|\[\d+\])+$/, 'expected a path, as training.optimizer.learningRate'), dimension);
export type Space = Readonly<Record<string, Dimension>>;

/** The section `sweep` of an experiment file: settings of every row that are chosen on validation before the comparison. */
export const sweepSchema = z.strictObject({
  search: z.enum(['halton', 'random', 'grid']).default('halton').describe('how points of the space are drawn'),
  trials: z.int().positive().optional().describe('points of every row; a grid has as many as it has'),
  seed: z.int().min(0).default(0).describe('which points; independent of the seed of a run'),
  seeds: z.array(z.int().min(0)).min(1).optional().describe('runs of a trial; default: the first seed of the experiment'),
  metric: z.string().min(1).default('accuracy').describe('validation figure that decides, as metrics.json names it'),
  goal: z.enum(['max', 'min']).optional().describe('default: min for loss, else max'),
  equalBudget: z.boolean().default(true).describe('refuse rows with unequal numbers of trials'),
  space: space.default({}).describe('settings of every row'),
  recipes: z.record(z.string(), space).default({}).describe('settings of single rows, beside those of every row'),
});
export type SweepInput = z.output<typeof sweepSchema>;
