import type { Tensor } from '@tensorflow/tfjs-core';
import type { Json, Tree } from './tree.js';

/** When alpha is being set. `epoch` and `step` count from 0. */
export interface AlphaMoment {
  readonly epoch: number;
  readonly step: number;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Alpha now in force. */
  readonly alpha: number;
}

/**
 * The bilevel problem as an alpha scheduler sees it: gradients of the two objectives with respect to
 * all trainable parameters, as functions of the parameters. Every returned tree is owned by the caller.
 *
 * The objective is that of the losses and the alignment of the row, with the weights that `RunControls` set; what hooks of methods do to
 * it is not seen. The batch is fixed for one update, dropout is off, batch norm uses batch statistics and leaves its
 * running statistics alone, so the functions are deterministic.
 */
export interface BilevelProblem {
  /** The trained parameters at this moment; those with a learning rate of 0 are not among them. Owned by the trainer: do not dispose. */
  readonly params: Tree;
  /**
   * Weight decay w that is part of what training minimises, the total + w / 2 |params|^2. `total` and `product` are without it; the Hessian
   * with it is theirs + w I.
   */
  readonly weightDecay: number;
  /** Gradients of L_cls and of L_align on inner (training) data, at the given parameters. */
  inner(params: Tree): {
    readonly classification: Tree;
    readonly alignment: Tree;
    readonly losses: { readonly classification: number; readonly alignment: number };
  };
  /** Gradient of the inner total (1 - alpha) L_cls + alpha L_align, in one backward pass. */
  total(params: Tree, alpha: number): Tree;
  /**
   * Hessian of the inner total at `params` times a direction, by a central difference of `total`: two backward passes. With `from`, the
   * gradient of that total at `params`, by a one-sided one: one backward pass. `distance` is how far the parameters move, relative to 1 +
   * their norm. Zeros for a direction of zeros.
   */
  product(direction: Tree, at: { readonly alpha: number; readonly distance: number; readonly from?: Tree }): Tree;
  /** Gradient of L_cls on outer data (see `AlphaScheduler.outer`). */
  outer(params: Tree): { readonly classification: Tree; readonly loss: number };
  /** Paths of the parameters, encoders first, in the order in which they were made. Trees of this problem may be packed. */
  readonly paths: readonly string[];
  /**
   * One parameter's part of a tree of this problem, in its own shape.
   *
   * @throws Error for a path that is not in `paths`
   */
  leaf(tree: Tree, path: string): Tensor;
}

export interface AlphaUpdate {
  readonly alpha: number;
  /** Goes into the `alpha.updated` signal: hypergradient, residual, both losses, cosine, ... */
  readonly details?: Readonly<Record<string, number>>;
}

/** The data of a bilevel problem. */
export interface OuterData {
  /**
   * `held-out`: a share of the training split, cut off. `validation`: a share of the validation split, cut off; the rest selects epochs.
   * `train`: the training split itself.
   */
  readonly from: 'held-out' | 'validation' | 'train';
  /** That share. */
  readonly fraction: number;
  /** In its place: about that many rows, as every class gives the same share, rounded. */
  readonly rows?: number;
  readonly batchSize: number;
  readonly innerBatchSize: number;
  /** Where inner batches come from. Default `train`; `outer`: the inner batch is the outer one. */
  readonly inner?: 'train' | 'outer';
  /** The batches are drawn once and stay. Default: drawn anew for each update. */
  readonly fixed?: boolean;
  /** Which classification terms the outer loss has. Default: all of them, as the objective weighs them. */
  readonly loss?: 'classification' | 'fused' | 'unimodal';
}

/**
 * Sets the weight of alignment in L = (1 - alpha) L_cls + alpha L_align.
 *
 * `update` is called at the start of each epoch, or each `everySteps` steps. Closed forms look at the
 * moment only; learned ones ask for the bilevel problem.
 */
export interface AlphaScheduler {
  /** Alpha before the first update. */
  readonly initial: number;
  /** Update each k steps instead of each epoch. */
  readonly everySteps?: number;
  /** Which data the bilevel problem uses, for schedulers that need it. */
  readonly outer?: OuterData;
  update(moment: AlphaMoment, problem: () => BilevelProblem): AlphaUpdate;
  /** Everything it remembers, and back. */
  state?(): Json;
  restore?(state: Json): void;
}

export interface AlphaContext {
  readonly epochs: number;
}
