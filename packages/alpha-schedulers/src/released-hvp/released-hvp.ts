import { definePiece, EquimodalError, type AlphaMoment, type AlphaScheduler, type AlphaUpdate, type BilevelProblem } from '@equimodal/core';
import { disposeTree } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

/** Rank of the kernel of a convolution over images, the least that counts. */
const CONVOLUTION = 3;

const options = z.object({
  rate: z.number().positive().default(1e-4).describe('step size of alpha in the first epochs'),
  halveEvery: z.int().positive().default(20).describe('epochs after which the step size is halved, again and again'),
  initial: z.number().min(0).max(1).default(0.95).describe('alpha before the first update'),
  min: z.number().min(0).max(1).default(0.05).describe('lower bound of alpha'),
  max: z.number().min(0).max(1).default(0.95).describe('upper bound of alpha'),
  heldOut: z.int().positive().default(16).describe('samples that are cut off from the training split, about'),
  samples: z.int().positive().default(8).describe('samples of them that are used, drawn once'),
  parameter: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'path of the parameter whose entries of the product are averaged; null: the first kernel of a convolution, else the first of all',
    ),
  epsilon: z.number().positive().default(1e-3).describe('differences: distance moved, relative to 1 + the norm of the parameters'),
});
type Options = z.output<typeof options>;

/** What the released code does to alpha. It remembers nothing: alpha itself is the trainer's. */
class ReleasedHvpAlpha implements AlphaScheduler {
  readonly initial: number;
  readonly outer: NonNullable<AlphaScheduler['outer']>;

  constructor(private readonly options: Options) {
    const { initial, heldOut, samples } = options;
    this.initial = initial;
    this.outer = { from: 'held-out', fraction: 0, rows: heldOut, batchSize: samples, innerBatchSize: samples, inner: 'outer', fixed: true };
  }

  update({ epoch, alpha: previous }: AlphaMoment, problem: () => BilevelProblem): AlphaUpdate {
    const { rate, halveEvery, min, max } = this.options;
    const eta = rate * 0.5 ** Math.floor(epoch / halveEvery);
    const mean = this.#meanOfProduct(problem(), previous);
    // A product that overflowed says nothing; alpha stays.
    const alpha = Number.isFinite(mean) ? Math.min(max, Math.max(min, previous - eta * mean)) : previous;
    return { alpha, details: Number.isFinite(mean) ? { previous, mean, rate: eta } : { previous, rate: eta } };
  }

  /** Mean over one parameter of H grad L_cls, both on the same few samples. */
  #meanOfProduct(problem: BilevelProblem, alpha: number): number {
    const { classification } = problem.outer(problem.params);
    const product = problem.product(classification, { alpha, distance: this.options.epsilon });
    const leaf = problem.leaf(product, this.#parameter(problem));
    const value = tf.tidy(() => tf.mean(leaf).dataSync()[0]!);
    leaf.dispose();
    disposeTree(product);
    disposeTree(classification);
    return value;
  }

  #parameter({ params, paths, leaf }: BilevelProblem): string {
    const { parameter } = this.options;
    if (parameter !== null && !paths.includes(parameter)) {
      throw new EquimodalError('EQM_CONFIG_INVALID', `the model has no parameter "${parameter}"`, {
        where: 'alpha.parameter',
        fix: `Its first parameters are ${paths
          .slice(0, 3)
          .map((path) => `"${path}"`)
          .join(', ')}.`,
      });
    }
    const isConvolution = (path: string): boolean => {
      const tensor = leaf(params, path);
      tensor.dispose();
      return tensor.rank >= CONVOLUTION;
    };
    return parameter ?? paths.find(isConvolution) ?? paths[0]!;
  }
}

/**
 * The "learnable" weight of the released code of LFM, which is not the hypergradient of its paper: on a few samples that never change
 *
 *     h = H grad L_cls,   alpha <- clip(alpha - eta(epoch) mean(h over the first convolution), .05, .95)
 *
 * with H the Hessian of the total. There is no inverse of H and no derivative with respect to alpha. Since the step sizes add up to less
 * than 40 times the first one, alpha hardly moves: by less than 4e-3 max |mean h| over any number of epochs.
 *
 * Source: released code of LFM (NeurIPS 2024), script of the learnable weight.
 */
export const releasedHvpAlpha = definePiece({
  kind: 'alpha-scheduler',
  id: 'released-hvp',
  description: 'The released code of LFM to the letter: a Hessian-vector product averaged over one parameter, on eight samples',
  facts: {
    paper: {
      title: 'Facilitating Multimodal Classification via Dynamically Learning Modality Gap',
      venue: 'NeurIPS 2024',
      url: 'https://openreview.net/forum?id=QbsPz0SnyV',
    },
    needs: ['outer-data'],
    note: 'kept to show what the released code does; `learned` is the hypergradient of the paper. Augmentation is off, batch norm uses the batch',
  },
  options: options.refine(({ min, max }) => min <= max, { path: ['max'], error: 'must not be below min' }),
  create: (chosen) => new ReleasedHvpAlpha(chosen),
});
