import { z } from 'zod';
import { sweepSchema } from '../sweep/schema.js';

/** A chosen piece: its id alone, or `use:` beside its options. */
export const useSchema = z.union([z.string().min(1), z.looseObject({ use: z.string('expected the id of a piece under "use"').min(1) })], {
  error: 'expected the id of a piece, or a map with "use"',
});
export type UseInput = z.infer<typeof useSchema>;

const positive = z.number().positive();
const fraction = z.number().min(0).max(1);

export const optimizerSchema = z.discriminatedUnion('use', [
  z.strictObject({
    use: z.literal('sgd'),
    learningRate: positive.default(0.01),
    momentum: fraction.default(0.9),
    weightDecay: z.number().min(0).default(1e-4),
    nesterov: z.boolean().default(false),
  }),
  z.strictObject({
    use: z.literal('adam'),
    learningRate: positive.default(1e-3),
    beta1: fraction.default(0.9),
    beta2: fraction.default(0.999),
    epsilon: positive.default(1e-8),
    weightDecay: z.number().min(0).default(0),
  }),
  z.strictObject({
    use: z.literal('adamw'),
    learningRate: positive.default(1e-3),
    beta1: fraction.default(0.9),
    beta2: fraction.default(0.999),
    epsilon: positive.default(1e-8),
    weightDecay: z.number().min(0).default(0.01),
  }),
]);

export const scheduleSchema = z.discriminatedUnion('use', [
  z.strictObject({ use: z.literal('constant') }),
  z.strictObject({
    use: z.literal('step'),
    every: z.int().positive().optional(),
    milestones: z.array(z.int().positive()).optional(),
    factor: positive.default(0.1),
  }),
  z.strictObject({ use: z.literal('cosine'), minimum: fraction.default(0) }),
  z.strictObject({
    use: z.literal('plateau'),
    factor: positive.default(0.1),
    patience: z.int().min(0).default(10),
    threshold: z.number().min(0).default(1e-4),
  }),
]);

/** How one run trains. */
export const trainingSchema = z.strictObject({
  epochs: z.int().positive().default(10).describe('passes over the training split'),
  batchSize: z.int().positive().default(64),
  evaluationBatchSize: z.int().positive().default(256),
  optimizer: optimizerSchema.prefault({ use: 'sgd' }),
  schedule: scheduleSchema.prefault({ use: 'constant' }),
  warmupEpochs: z.int().min(0).default(0).describe('epochs of linear warm-up of the learning rate'),
  clipNorm: positive.nullable().default(null).describe('largest global norm of the gradient'),
  selection: z
    .enum(['validation', 'last', 'legacy-test'])
    .default('validation')
    .describe('which epoch is scored on test: best on validation, the last one, or best on test (replication only)'),
  validationFraction: fraction.default(0.1).describe('share of train carved for validation when the dataset has none; 0 for none'),
  measureGradients: z.enum(['epoch', 'never']).default('epoch').describe('emit gradients.measured at the first step of each epoch'),
  dropLast: z.boolean().default(false).describe('drop the last short batch of an epoch'),
  keepEpochs: z
    .array(z.int().min(0))
    .optional()
    .describe('after how many epochs the parameters are kept besides the selected and the latest; 0 is before the first step'),
  scoreInitial: z.boolean().optional().describe('score validation once before the first step, e.g. for the modality gap of fresh encoders'),
  learningRates: z
    .array(z.strictObject({ path: z.string().min(1), scale: z.number().min(0) }))
    .optional()
    .describe('factor on the learning rate of the parameters below a path; the longest path that holds a parameter decides'),
});
export type TrainingConfig = z.output<typeof trainingSchema>;
export type OptimizerConfig = z.output<typeof optimizerSchema>;
export type ScheduleConfig = z.output<typeof scheduleSchema>;

const lossUse = z.union([
  z.string(),
  z.looseObject({ use: z.string(), on: z.enum(['fused', 'unimodal']).optional(), weight: z.number().min(0).optional() }),
]);

const alignmentUse = z.union([z.string(), z.looseObject({ use: z.string(), weight: z.number().min(0).optional() })]);

/** A recipe's own fields: what one row of the table is made of. */
export const recipeShape = {
  fusion: useSchema.optional(),
  losses: z.array(lossUse).optional(),
  alignment: alignmentUse.nullable().optional(),
  alpha: useSchema.nullable().optional(),
  methods: z.array(useSchema).optional(),
  modalities: z.array(z.string()).optional(),
  encoders: z.record(z.string(), useSchema).optional(),
  training: z.record(z.string(), z.unknown()).optional(),
  expand: z.enum(['modality']).optional(),
};

/** What a reader of the table should know of a row. */
const aboutSchema = z.strictObject({
  variant: z.enum(['paper', 'released', 'ours']).describe('what the settings follow: the paper, its released code, or neither'),
  changes: z.string().describe('what it changes against plain training of the fused head'),
  defaults: z.string().optional().describe('where its numbers come from'),
  disagreements: z.array(z.string()).optional().describe('where paper and released code, or papers among themselves, do not agree'),
});

/** A recipe as a plugin or a recipe file provides it. */
export const recipeSchema = z.strictObject({
  id: z.string().min(1),
  description: z.string(),
  paper: z.strictObject({ title: z.string(), venue: z.string().optional(), url: z.string().optional() }).optional(),
  about: aboutSchema.optional(),
  ...recipeShape,
});
export type RecipeInput = z.output<typeof recipeSchema>;

/** An entry of an experiment's `recipes`: an id, a changed recipe, or one written in place. */
const recipeEntry = z.union([
  z.string(),
  z.strictObject({ recipe: z.string().optional(), as: z.string().optional(), description: z.string().optional(), ...recipeShape }),
]);

/** An experiment file. */
export const experimentSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]+$/, 'letters, digits, ".", "_" and "-" only')
    .optional(),
  description: z.string().default(''),
  plugins: z.array(z.string()).default([]),
  dataset: useSchema,
  encoders: z.record(z.string(), useSchema).describe('per modality; "default" for those not named'),
  training: z.record(z.string(), z.unknown()).default({}),
  metrics: z
    .union([z.literal('all'), z.array(useSchema)])
    .default(['accuracy', 'macro-f1', 'map', 'ece', 'modality-gap'])
    .describe('"all": every metric of the loaded plugins, those that take passes of their own too'),
  observers: z.array(useSchema).default(['jsonl']),
  seeds: z.array(z.int().min(0)).min(1).default([0]),
  recipes: z.array(recipeEntry).min(1),
  sweep: sweepSchema.optional(),
  reference: z.string().nullable().default(null).describe('row that the others are compared with'),
  figure: z
    .string()
    .optional()
    .describe('published figure or table that these rows make again, e.g. lfm/table-4: the report shows it beside ours'),
});
export type ExperimentInput = z.output<typeof experimentSchema>;
