import type { Tree } from '@equimodal/core';

/** A linear map on trees, v -> A v. The caller owns what it returns; it must not dispose or keep v. */
export type LinearMap = (v: Tree) => Tree;

/** An (approximate) solution x of A x = b. The caller owns `solution`. */
export interface Solution {
  readonly solution: Tree;
  /** ||A x - b|| / ||b||; 0 where b is 0. */
  readonly residual: number;
  /** Iterations that changed x. */
  readonly iterations: number;
  /** The solver met a direction p with p' A p <= 0 and stopped there: A is not positive definite. */
  readonly negativeCurvature: boolean;
}
