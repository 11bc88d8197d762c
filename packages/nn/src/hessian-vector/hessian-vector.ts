import * as tf from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';
import { axpyTree, normTree, zipTrees } from '../tree/tree.js';

/** Stands for the length of a direction that is zero. */
const SHORTEST = 1e-30;

/**
 * Hessian-vector product by a difference of gradients, no second-order autodiff: central, two backward passes, or one-sided from a gradient
 * that is known already, one backward pass.
 *
 *     H v = [ grad(params + e v) - grad(params - e v) ] / (2 e)   or   [ grad(params + e v) - grad(params) ] / e
 *
 * with e = relativeDistance (1 + ||params||) / ||v||, so the parameters move by the same distance in every direction, whatever the length
 * of v. The error is O(e^2), one-sided O(e), of truncation (none on a quadratic) plus the rounding of the gradient divided by e; in float32
 * the two balance near the cube root of the machine precision, 4e-3, one-sided near its square root, 3e-4.
 *
 * Pure: it reads nothing back, so it may stand inside a program. What it makes on the way is the tidy scope's.
 *
 * @param gradient gradient of the scalar function at given parameters
 * @param v the direction, same paths and shapes as `params`
 * @param relativeDistance a number, or a scalar
 * @param from the gradient at `params`, for a one-sided difference
 * @returns H v; zeros where v is 0
 */
export function hessianVectorProduct(
  gradient: (params: Tree) => Tree,
  params: Tree,
  v: Tree,
  relativeDistance: number | tf.Tensor,
  from?: Tree,
): Tree {
  const length = tf.maximum(normTree(v), SHORTEST);
  const epsilon = tf.div(tf.mul(tf.add(normTree(params), 1), relativeDistance), length);
  const ahead = gradient(axpyTree(params, epsilon, v));
  if (from !== undefined) return zipTrees(ahead, from, (a, b) => tf.div(tf.sub(a, b), epsilon));
  const behind = gradient(axpyTree(params, tf.neg(epsilon), v));
  const twice = tf.mul(epsilon, 2);
  return zipTrees(ahead, behind, (a, b) => tf.div(tf.sub(a, b), twice));
}
