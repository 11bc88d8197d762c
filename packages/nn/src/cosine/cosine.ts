import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { l2Normalize as normalize } from '@equimodal/engine';

/** Added to the squared norm: keeps value and gradient finite at zero, and is lost in float32 for norms above 0.004. */
const EPSILON = 1e-12;

/** x / |x| over the last axis; zero stays zero, with a finite gradient. */
export function l2Normalize(x: Tensor): Tensor {
  return normalize(x, EPSILON);
}

/**
 * Cosine of every row of a with every row of b.
 *
 * @param a float32 [n, size]
 * @param b float32 [m, size]
 * @returns float32 [n, m] in [-1, 1]
 */
export function cosineSimilarityMatrix(a: Tensor, b: Tensor): Tensor {
  return tf.matMul(l2Normalize(a) as Tensor2D, l2Normalize(b) as Tensor2D, false, true);
}
