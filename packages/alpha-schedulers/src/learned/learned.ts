import {
  definePiece,
  EquimodalError,
  type AlphaMoment,
  type AlphaScheduler,
  type AlphaUpdate,
  type BilevelProblem,
  type Json,
} from '@equimodal/core';
import { z } from 'zod';
import { hypergradient } from './hypergradient.js';

/** Options of `learned`; the README gives the reason for each default. */
export const learnedOptions = z.object({
  solver: z
    .enum(['identity', 'neumann', 'conjugate-gradient'])
    .default('conjugate-gradient')
    .describe(
      'how (H + damping I) v = g is solved: by conjugate gradients, a truncated Neumann series, or taking the inverse for a multiple of the identity',
    ),
  iterations: z.int().min(1).default(5).describe('conjugate gradients: at most this many iterations; Neumann series: terms'),
  tolerance: z.number().min(0).default(1e-3).describe('conjugate gradients: relative residual at which to stop early'),
  damping: z.number().min(0).default(1).describe('lambda added to the Hessian'),
  differences: z
    .enum(['one-sided', 'central'])
    .default('one-sided')
    .describe('products with the Hessian: by one backward pass each, or by two, which are an order more exact'),
  epsilon: z.number().positive().default(1e-3).describe('differences: distance moved, relative to 1 + the norm of the parameters'),
  innerRate: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe(
      'identity: the factor that stands for the inverse Hessian, v = innerRate g, null: 1; Neumann series: its step size, null: |g| / (2 |H g|)',
    ),
  rate: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('step size of alpha, eta in alpha <- clip(alpha - eta hypergradient, 0, 1); null: 3 / number of updates in the run'),
  maxChange: z
    .number()
    .gt(0)
    .max(1)
    .nullable()
    .default(null)
    .describe('largest change of alpha in one update, early hypergradients can be thousands; null: 2 / number of updates in the run'),
  initial: z.number().min(0).max(1).default(1).describe('alpha before the first update'),
  min: z.number().min(0).max(1).default(0).describe('lower bound of alpha'),
  max: z.number().min(0).max(1).default(1).describe('upper bound of alpha'),
  outer: z
    .enum(['held-out', 'validation', 'train'])
    .default('held-out')
    .describe(
      'data of the outer problem: cut off from the training split, cut off from the validation split (the rest selects epochs), or (the letter of the paper) the training split itself',
    ),
  outerFraction: z
    .number()
    .gt(0)
    .lt(1)
    .nullable()
    .default(null)
    .describe('held-out and validation: share of that split that is cut off for the outer problem; null: .1 of training, .5 of validation'),
  outerLoss: z
    .enum(['classification', 'fused', 'unimodal'])
    .default('classification')
    .describe('outer loss: all classification terms of the row, or those of the fused or of the unimodal heads alone'),
  outerBatchSize: z.int().positive().default(64).describe('samples of the outer batch, drawn anew for each update'),
  innerBatchSize: z.int().positive().default(64).describe('samples of the inner batch, drawn anew for each update'),
  everySteps: z.int().positive().nullable().default(null).describe('update each k training steps; null: at the start of epochs'),
  everyEpochs: z.int().positive().default(1).describe('update each k epochs'),
});
export type LearnedOptions = z.output<typeof learnedOptions>;

const savedSchema = z.object({ updates: z.int().min(0), negativeCurvatures: z.int().min(0), skipped: z.int().min(0) });

/** Alpha by gradient descent on the outer loss. Remembers counts only; alpha itself is the trainer's. */
class LearnedAlpha implements AlphaScheduler {
  readonly initial: number;
  readonly everySteps?: number;
  readonly outer: NonNullable<AlphaScheduler['outer']>;
  #counts = { updates: 0, negativeCurvatures: 0, skipped: 0 };

  constructor(private readonly options: LearnedOptions) {
    this.initial = options.initial;
    if (options.everySteps !== null) this.everySteps = options.everySteps;
    this.outer = {
      from: options.outer,
      fraction: options.outerFraction ?? (options.outer === 'validation' ? 0.5 : 0.1),
      loss: options.outerLoss,
      batchSize: options.outerBatchSize,
      innerBatchSize: options.innerBatchSize,
    };
  }

  update({ epoch, step, epochs, stepsPerEpoch, alpha: previous }: AlphaMoment, problem: () => BilevelProblem): AlphaUpdate {
    // Algorithm 1 trains the inner problem before it touches alpha: at the first moment nothing is trained yet.
    const { damping, everySteps, everyEpochs, min, max } = this.options;
    if ((epoch === 0 && step === 0) || (everySteps === null && epoch % everyEpochs !== 0))
      return { alpha: previous, details: { previous } };
    const updates = Math.max(1, Math.floor(everySteps === null ? epochs / everyEpochs : (epochs * stepsPerEpoch) / everySteps));
    const rate = this.options.rate ?? 3 / updates;
    const maxChange = this.options.maxChange ?? Math.min(1, 2 / updates);
    const at = hypergradient(problem(), previous, this.options);
    const usable = Number.isFinite(at.value);
    const counts = this.#counts;
    this.#counts = {
      updates: counts.updates + 1,
      negativeCurvatures: counts.negativeCurvatures + (at.negativeCurvature ? 1 : 0),
      skipped: counts.skipped + (usable ? 0 : 1),
    };
    const details = {
      previous,
      hypergradient: at.value,
      residual: at.residual,
      lossClassification: at.classification,
      lossAlignment: at.alignment,
      outerLoss: at.outer,
      cosine: at.cosine,
      damped: damping,
      iterations: at.iterations,
      negativeCurvature: at.negativeCurvature ? 1 : 0,
      negativeCurvatures: this.#counts.negativeCurvatures,
      skipped: this.#counts.skipped,
    };
    // A hypergradient that overflowed says nothing; alpha stays, and the figures show it.
    const change = usable ? Math.min(maxChange, Math.max(-maxChange, -rate * at.value)) : 0;
    return { alpha: Math.min(max, Math.max(min, previous + change)), details: finite(details) };
  }

  state(): Json {
    return { ...this.#counts };
  }

  restore(state: Json): void {
    const saved = savedSchema.safeParse(state);
    if (!saved.success) {
      throw new EquimodalError('EQM_CHECKPOINT_MISMATCH', 'the state in the checkpoint is not that of the alpha scheduler "learned"', {
        where: 'alpha-scheduler "learned"',
      });
    }
    this.#counts = saved.data;
  }
}

/** Signals are JSON, which has no NaN: what is not finite is left out. */
function finite(details: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => Number.isFinite(value)));
}

/**
 * Alpha learned by the bilevel hypergradient ("Ours-LB" as the equations have it).
 *
 * v solves (H + lambda I) v = grad L_cls(outer); d L / d alpha = -(grad L_align - grad L_cls) . v;
 * alpha <- clip(alpha - eta d L / d alpha, min, max), by at most maxChange at a time.
 * Source: LFM (NeurIPS 2024), eq. 2 and 3 and Algorithm 1.
 */
export const learnedAlpha = definePiece({
  kind: 'alpha-scheduler',
  id: 'learned',
  description: 'alpha learned by the bilevel hypergradient on held-out data (LFM "Ours-LB")',
  facts: {
    paper: {
      title: 'Facilitating Multimodal Classification via Dynamically Learning Modality Gap',
      venue: 'NeurIPS 2024',
      url: 'https://openreview.net/forum?id=QbsPz0SnyV',
    },
    needs: ['outer-data'],
    note: 'an update costs 3 backward passes and 1 per solver iteration (2 with central differences), on its own batches; with outer: train alpha can only fall at stationarity',
  },
  options: learnedOptions
    .refine(({ min, max }) => min <= max, { path: ['max'], error: 'must not be below min' })
    .refine(({ initial, min, max }) => initial >= min && initial <= max, { path: ['initial'], error: 'must lie between min and max' })
    .refine(({ everySteps, everyEpochs }) => everySteps === null || everyEpochs === 1, {
      path: ['everyEpochs'],
      error: 'has no meaning beside everySteps',
    }),
  create: (options) => new LearnedAlpha(options),
});
