import type { Tree } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { mapTree, normTree, scaleTree } from '../tree/tree.js';

/**
 * Scales a tree so that its Euclidean norm over all leaves is at most `max`: g min(1, max / (|g| + 1e-6)), PyTorch's
 * `clip_grad_norm_`. Nothing is read back.
 *
 * @param norm the norm, where the caller has it already.
 */
export function clipByGlobalNorm(tree: Tree, max: number, norm: Tensor = normTree(tree)): Tree {
  return scaleTree(tree, tf.minimum(tf.div(max, tf.add(norm, 1e-6)), 1));
}

/** Limits every element to [-max, max], PyTorch's `clip_grad_value_`. */
export function clipByValue(tree: Tree, max: number): Tree {
  return mapTree(tree, (leaf) => tf.clipByValue(leaf, -max, max));
}
