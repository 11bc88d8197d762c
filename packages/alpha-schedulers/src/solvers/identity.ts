import type { Tree } from '@equimodal/core';
import { disposeTree, dotTrees, scaleTree, subTrees } from '@equimodal/nn';
import { readScalars, tidyTree } from './read.js';
import type { LinearMap, Solution } from './solution.js';

/** ||A x - b|| / ||b||, 0 where b is 0. One application of A. */
export function relativeResidual(apply: LinearMap, x: Tree, b: Tree): number {
  const ax = apply(x);
  const [rr, bb] = readScalars(() => {
    const difference = subTrees(ax, b);
    return [dotTrees(difference, difference), dotTrees(b, b)];
  });
  disposeTree(ax);
  return bb === 0 ? 0 : Math.sqrt(rr! / bb!);
}

/**
 * Takes the inverse of A for a multiple of the identity: x = rate b. A is applied once, to tell the
 * residual, which says how good the assumption is.
 */
export function identitySolver(apply: LinearMap, b: Tree, { rate }: { readonly rate: number }): Solution {
  const solution = tidyTree(() => scaleTree(b, rate));
  return { solution, residual: relativeResidual(apply, solution, b), iterations: 0, negativeCurvature: false };
}
