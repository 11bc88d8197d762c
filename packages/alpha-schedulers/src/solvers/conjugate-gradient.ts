import type { Tree } from '@equimodal/core';
import { axpyTree, cloneTree, disposeTree, dotTrees, zerosLikeTree } from '@equimodal/nn';
import { relativeResidual } from './identity.js';
import { readScalars, tidyTree } from './read.js';
import type { LinearMap, Solution } from './solution.js';

export interface ConjugateGradientOptions {
  /** At most this many, each one application of A. */
  readonly iterations: number;
  /** Stop once ||A x - b|| / ||b|| is this small. */
  readonly tolerance: number;
}

/**
 * Conjugate gradients for A x = b from x = 0, A symmetric.
 *
 * Exact after as many iterations as A has distinct eigenvalues, if A is positive definite. Where it is
 * not, the first direction p with p' A p <= 0 ends the iteration: what was found so far is returned, or b
 * itself, the steepest descent direction, if that was the first (truncated Newton; Nocedal & Wright, alg. 7.1).
 * Cut off after a few iterations on an ill-conditioned A, the residual may stand far above that of earlier
 * iterates; the iterate with the smallest residual is returned.
 * Two scalars are read back an iteration. A non-finite number ends the iteration and shows in `residual`.
 *
 * @param apply A; symmetric, and the same at every call
 * @returns the solution, owned by the caller, with the residual of the recurrence
 */
export function conjugateGradient(apply: LinearMap, b: Tree, { iterations, tolerance }: ConjugateGradientOptions): Solution {
  const bb = squaredNorm(b);
  let x = tidyTree(() => zerosLikeTree(b));
  if (bb === 0) return { solution: x, residual: 0, iterations: 0, negativeCurvature: false };
  let r = cloneTree(b);
  let p = cloneTree(b);
  let rr = bb;
  let best: { readonly solution: Tree; readonly rr: number } | null = null;
  let done = 0;
  let negativeCurvature = false;
  try {
    while (done < iterations && Math.sqrt(rr / bb) > tolerance) {
      const ap = apply(p);
      const [curvature] = readScalars(() => [dotTrees(p, ap)]);
      if (!(curvature! > 0)) {
        negativeCurvature = curvature! <= 0;
        if (!negativeCurvature) rr = Number.NaN;
        disposeTree(ap);
        break;
      }
      const length = rr / curvature!;
      x = replace(x, () => axpyTree(x, length, p));
      r = replace(r, () => axpyTree(r, -length, ap));
      disposeTree(ap);
      const next = squaredNorm(r);
      const turn = next / rr;
      p = replace(p, () => axpyTree(r, turn, p));
      rr = next;
      done++;
      if (best === null || rr < best.rr) {
        if (best !== null) disposeTree(best.solution);
        best = { solution: cloneTree(x), rr };
      }
    }
  } catch (error) {
    if (best !== null) disposeTree(best.solution);
    throw error;
  } finally {
    for (const tree of [r, p, x]) disposeTree(tree);
  }
  if (best !== null)
    return { solution: best.solution, residual: Math.sqrt((Number.isNaN(rr) ? rr : best.rr) / bb), iterations: done, negativeCurvature };
  const solution = cloneTree(b);
  if (!negativeCurvature) return { solution, residual: Number.NaN, iterations: 0, negativeCurvature };
  return { solution, residual: relativeResidual(apply, solution, b), iterations: 0, negativeCurvature };
}

const squaredNorm = (tree: Tree): number => readScalars(() => [dotTrees(tree, tree)])[0]!;

/** The new tree in place of the old one, which is disposed. */
function replace(old: Tree, make: () => Tree): Tree {
  const made = tidyTree(make);
  disposeTree(old);
  return made;
}
