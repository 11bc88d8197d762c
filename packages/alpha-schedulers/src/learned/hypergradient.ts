import type { BilevelProblem, Tree } from '@equimodal/core';
import { axpyTree, disposeTree, dotTrees, subTrees } from '@equimodal/nn';
import { conjugateGradient } from '../solvers/conjugate-gradient.js';
import { identitySolver } from '../solvers/identity.js';
import { readScalars, tidyTree } from '../solvers/read.js';
import type { LinearMap, Solution } from '../solvers/solution.js';

export interface HypergradientOptions {
  readonly solver: 'identity' | 'conjugate-gradient';
  /** Conjugate gradients: most iterations. */
  readonly iterations: number;
  /** Conjugate gradients: relative residual that is good enough. */
  readonly tolerance: number;
  /** lambda of (H + lambda I). */
  readonly damping: number;
  /** Relative distance of the central differences. */
  readonly epsilon: number;
  /** Identity: the factor that stands for the inverse Hessian. */
  readonly innerRate: number;
}

/** The hypergradient at one moment and what it was made of. */
export interface Hypergradient {
  /** d L_cls(outer) / d alpha; NaN where a gradient or a product was not finite. */
  readonly value: number;
  /** ||(H + lambda I) v - g|| / ||g||. */
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
 * g = grad L_cls on outer data and (H + lambda I) v = g, H the Hessian of L on inner data:
 *
 *     d L_cls(outer) / d alpha = - u . v
 *
 * Cost in backward passes: 3 and, per application of H, 2 (conjugate gradients: one an iteration; identity: one).
 * Every tensor it makes or is given by the problem is disposed.
 * Source: LFM (NeurIPS 2024), eq. 2 and 3; Ghadimi & Wang, arXiv 1802.02246.
 */
export function hypergradient(problem: BilevelProblem, alpha: number, options: HypergradientOptions): Hypergradient {
  const { params } = problem;
  const outer = problem.outer(params);
  let solution: Solution | undefined;
  let inner: ReturnType<BilevelProblem['inner']> | undefined;
  try {
    solution = solve(dampedHessian(problem, alpha, options), outer.classification, options);
    inner = problem.inner(params);
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
    if (solution !== undefined) disposeTree(solution.solution);
    if (inner !== undefined) {
      disposeTree(inner.classification);
      disposeTree(inner.alignment);
    }
  }
}

/** v -> (H + lambda I) v. */
function dampedHessian(problem: BilevelProblem, alpha: number, { damping, epsilon }: HypergradientOptions): LinearMap {
  return (v) => {
    const hv = problem.product(v, { alpha, distance: epsilon });
    if (damping === 0) return hv;
    const damped = tidyTree(() => axpyTree(hv, damping, v));
    disposeTree(hv);
    return damped;
  };
}

function solve(apply: LinearMap, g: Tree, options: HypergradientOptions): Solution {
  return options.solver === 'identity' ? identitySolver(apply, g, { rate: options.innerRate }) : conjugateGradient(apply, g, options);
}
