import type { BilevelProblem, Tree } from '@equimodal/core';
import { axpyTree, scaleTree, disposeTree, dotTrees, subTrees } from '@equimodal/nn';
import { conjugateGradient } from '../solvers/conjugate-gradient.js';
import { identitySolver } from '../solvers/identity.js';
import { neumannSeries } from '../solvers/neumann.js';
import { readScalars, tidyTree } from '../solvers/read.js';
import type { LinearMap, Solution } from '../solvers/solution.js';

export interface HypergradientOptions {
  readonly solver: 'identity' | 'neumann' | 'conjugate-gradient';
  /** Conjugate gradients: most iterations; Neumann series: terms. */
  readonly iterations: number;
  /** Conjugate gradients: relative residual that is good enough. */
  readonly tolerance: number;
  /** lambda of H + (w + lambda) I; the weight decay w of training is added to it. */
  readonly damping: number;
  /** Products with the Hessian: one backward pass each, or two and an order more exact. */
  readonly differences: 'one-sided' | 'central';
  /** Relative distance of the differences. */
  readonly epsilon: number;
  /** Identity: the factor that stands for the inverse Hessian, null: 1. Neumann series: its step size, null: by its own rule. */
  readonly innerRate: number | null;
}

/** The hypergradient at one moment and what it was made of. */
export interface Hypergradient {
  /** d L_cls(outer) / d alpha; NaN where a gradient or a product was not finite. */
  readonly value: number;
  /** ||(H + (w + lambda) I) v - g|| / ||g||. */
  readonly residual: number;
  readonly iterations: number;
  readonly negativeCurvature: boolean;
  /** Losses on inner data, and the classification loss on outer data. */
  readonly classification: number;
  readonly alignment: number;
  readonly outer: number;
  /** Cosine between the inner gradients of classification and alignment; 0 where one of them vanishes. */
  readonly cosine: number;
}

/**
 * Hypergradient of the outer classification loss with respect to alpha, by the implicit function theorem.
 *
 * With u = grad L_align - grad L_cls (the mixed derivative of L = (1 - alpha) L_cls + alpha L_align),
 * g = grad L_cls on outer data and (H + (w + lambda) I) v = g, H the Hessian of L on inner data and w the weight decay of training:
 *
 *     d L_cls(outer) / d alpha = - u . v
 *
 * Cost in backward passes: 3 and, per application of H, 1 with one-sided differences, whose second gradient is (1 - alpha) grad L_cls +
 * alpha grad L_align, and 2 with central ones. H is applied once an iteration of conjugate gradients or a term of the series, and once
 * by the identity.
 * Every tensor it makes or is given by the problem is disposed.
 * Source: LFM (NeurIPS 2024), eq. 2 and 3; Ghadimi & Wang, arXiv 1802.02246.
 */
export function hypergradient(problem: BilevelProblem, alpha: number, options: HypergradientOptions): Hypergradient {
  const { params } = problem;
  const outer = problem.outer(params);
  let solution: Solution | undefined;
  let inner: ReturnType<BilevelProblem['inner']> | undefined;
  let total: Tree | undefined;
  try {
    inner = problem.inner(params);
    if (options.differences === 'one-sided') total = mixed(inner, alpha);
    solution = solve(dampedHessian(problem, alpha, options, total), outer.classification, options);
    const { solution: v } = solution;
    const { classification, alignment, losses } = inner;
    const [uv, cc, aa, ca] = readScalars(() => [
      dotTrees(subTrees(alignment, classification), v),
      dotTrees(classification, classification),
      dotTrees(alignment, alignment),
      dotTrees(classification, alignment),
    ]);
    const { residual, iterations, negativeCurvature } = solution;
    return {
      // A solve that met a number that is not finite found nothing, whatever its iterate says.
      value: Number.isFinite(residual) ? -uv! : Number.NaN,
      residual,
      iterations,
      negativeCurvature,
      classification: losses.classification,
      alignment: losses.alignment,
      outer: outer.loss,
      cosine: cc === 0 || aa === 0 ? 0 : ca! / Math.sqrt(cc! * aa!),
    };
  } finally {
    disposeTree(outer.classification);
    if (total !== undefined) disposeTree(total);
    if (solution !== undefined) disposeTree(solution.solution);
    if (inner !== undefined) {
      disposeTree(inner.classification);
      disposeTree(inner.alignment);
    }
  }
}

/** (1 - alpha) grad L_cls + alpha grad L_align */
function mixed({ classification, alignment }: { readonly classification: Tree; readonly alignment: Tree }, alpha: number): Tree {
  return tidyTree(() => axpyTree(scaleTree(classification, 1 - alpha), alpha, alignment));
}

/** v -> (H + (w + lambda) I) v. */
function dampedHessian(problem: BilevelProblem, alpha: number, options: HypergradientOptions, total: Tree | undefined): LinearMap {
  const { epsilon } = options;
  const damping = options.damping + problem.weightDecay;
  return (v) => {
    const hv = problem.product(v, { alpha, distance: epsilon, ...(total === undefined ? {} : { from: total }) });
    if (damping === 0) return hv;
    const damped = tidyTree(() => axpyTree(hv, damping, v));
    disposeTree(hv);
    return damped;
  };
}

function solve(apply: LinearMap, g: Tree, options: HypergradientOptions): Solution {
  switch (options.solver) {
    case 'identity':
      return identitySolver(apply, g, { rate: options.innerRate ?? 1 });
    case 'neumann':
      return neumannSeries(apply, g, { iterations: options.iterations, rate: options.innerRate });
    case 'conjugate-gradient':
      return conjugateGradient(apply, g, options);
  }
}
