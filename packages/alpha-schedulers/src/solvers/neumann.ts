import type { Tree } from '@equimodal/core';
import { axpyTree, cloneTree, disposeTree, dotTrees, scaleTree } from '@equimodal/nn';
import { readScalars, tidyTree } from './read.js';
import type { LinearMap, Solution } from './solution.js';

export interface NeumannOptions {
  /** Terms of the series, each after the first one application of A. */
  readonly iterations: number;
  /** Step size eta of the series; null: ||b|| / (2 ||A b||), half of the inverse of a lower bound of the largest eigenvalue. */
  readonly rate: number | null;
}

/**
 * Truncated Neumann series for A x = b, A symmetric:
 *
 *     x = eta sum_{k < K} (I - eta A)^k b
 *
 * It converges where A is positive definite and eta is below 2 over its largest eigenvalue. A term that is longer than the one before
 * shows that it does not: the series ends there, without that term, and `negativeCurvature` is set where b'A b <= 0. Two scalars are read
 * back a term.
 *
 * Source: Lorraine, Vicol & Duvenaud, AISTATS 2020, algorithm 3.
 *
 * @param apply A; symmetric, and the same at every call
 * @returns the solution, owned by the caller, with the residual: A x = b - (I - eta A)^K b, so it is the length of the next term over ||b||
 */
export function neumannSeries(apply: LinearMap, b: Tree, { iterations, rate }: NeumannOptions): Solution {
  const ab = apply(b);
  const [bb, curvature, length] = readScalars(() => [dotTrees(b, b), dotTrees(b, ab), dotTrees(ab, ab)]) as [number, number, number];
  const flat = length === 0;
  const eta = rate ?? (flat ? 1 : Math.sqrt(bb / length) / 2);
  // (I - eta A) b: the second term.
  let term = tidyTree(() => axpyTree(b, -eta, ab));
  disposeTree(ab);
  let sum = cloneTree(b);
  let before = bb;
  let residual = bb === 0 ? 0 : Number.NaN;
  let done = 1;
  try {
    while (bb > 0) {
      const [size] = readScalars(() => [dotTrees(term, term)]);
      residual = Math.sqrt(size! / bb);
      if (done >= iterations || !(size! <= before)) break;
      sum = replace(sum, () => axpyTree(sum, 1, term));
      before = size!;
      done++;
      const at = apply(term);
      term = replace(term, () => axpyTree(term, -eta, at));
      disposeTree(at);
    }
    const solution = tidyTree(() => scaleTree(sum, eta));
    return { solution, residual, iterations: done, negativeCurvature: bb > 0 && curvature <= 0 };
  } finally {
    disposeTree(sum);
    disposeTree(term);
  }
}

/** The new tree in place of the old one, which is disposed. */
function replace(old: Tree, make: () => Tree): Tree {
  const made = tidyTree(make);
  disposeTree(old);
  return made;
}
