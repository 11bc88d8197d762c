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
 * The batch is fixed for one update, dropout is off, batch norm uses batch statistics and leaves its
 * running statistics alone, so the functions are deterministic.
 */
export interface BilevelProblem {
  /** The parameters at this moment. Owned by the trainer: do not dispose. */
  readonly params: Tree;
  /** Gradients of L_cls and of L_align on inner (training) data, at the given parameters. */
  inner(params: Tree): {
    readonly classification: Tree;
    readonly alignment: Tree;
    readonly losses: { readonly classification: number; readonly alignment: number };
  };
  /** Gradient of the inner total (1 - alpha) L_cls + alpha L_align, in one backward pass. */
  total(params: Tree, alpha: number): Tree;
  /**
   * Hessian of the inner total at `params` times a direction, by a central difference of `total`: two backward passes.
   * `distance` is how far the parameters move, relative to 1 + their norm. Zeros for a direction of zeros.
   */
  product(direction: Tree, at: { readonly alpha: number; readonly distance: number }): Tree;
  /** Gradient of L_cls on outer data (held out, or training data if the scheduler asked for it). */
  outer(params: Tree): { readonly classification: Tree; readonly loss: number };
}

export interface AlphaUpdate {
  readonly alpha: number;
  /** Goes into the `alpha.updated` signal: hypergradient, residual, both losses, cosine, ... */
  readonly details?: Readonly<Record<string, number>>;
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
  /** Which data the outer problem uses, for schedulers that need it. Default 'held-out'. */
  readonly outer?: {
    readonly from: 'held-out' | 'train';
    readonly fraction: number;
    readonly batchSize: number;
    readonly innerBatchSize: number;
  };
  update(moment: AlphaMoment, problem: () => BilevelProblem): AlphaUpdate;
  /** Everything it remembers, and back. */
  state?(): Json;
  restore?(state: Json): void;
}

export interface AlphaContext {
  readonly epochs: number;
}
