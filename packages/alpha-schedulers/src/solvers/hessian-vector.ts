import * as tf from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';
import { axpyTree, disposeTree, mapTree, normTree, zipTrees } from '@equimodal/nn';
import { readScalars, tidyTree } from './read.js';

/**
 * Hessian-vector product by a central difference of gradients: two backward passes, no second-order autodiff.
 *
 * H v = [ grad(params + e v) - grad(params - e v) ] / (2 e), e = relativeEpsilon (1 + ||params||) / ||v||,
 * so the parameters move by the same distance in every direction, whatever the length of v. The error is
 * O(e^2) of truncation (none on a quadratic) plus the rounding of the gradient divided by e; in float32 the
 * two balance near the cube root of the machine precision, 4e-3.
 *
 * @param gradient gradient of the scalar function at given parameters; this function owns what it returns
 * @param v the direction, same paths and shapes as `params`
 * @returns H v, owned by the caller; zeros where v is 0
 */
export function hessianVectorProduct(gradient: (params: Tree) => Tree, params: Tree, v: Tree, relativeEpsilon: number): Tree {
  const [length, size] = readScalars(() => [normTree(v), normTree(params)]);
  if (length === 0) return mapTree(params, (leaf) => tf.zerosLike(leaf));
  const epsilon = (relativeEpsilon * (1 + size!)) / length!;
  const at = (signed: number): Tree => {
    const moved = tidyTree(() => axpyTree(params, signed, v));
    try {
      return gradient(moved);
    } finally {
      disposeTree(moved);
    }
  };
  const ahead = at(epsilon);
  const behind = at(-epsilon);
  const product = tidyTree(() => zipTrees(ahead, behind, (a, b) => tf.div(tf.sub(a, b), 2 * epsilon)));
  disposeTree(ahead);
  disposeTree(behind);
  return product;
}
