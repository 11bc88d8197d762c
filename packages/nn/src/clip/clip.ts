import type { Tree } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { groupLeaves, pack, unpack } from '../packing/packing.js';
import { mapTree, normTree, scaleTree } from '../tree/tree.js';

/**
 * Scales a tree so that its Euclidean norm over all leaves is at most `max`: g min(1, max / (|g| + 1e-6)), PyTorch's
 * `clip_grad_norm_`. Nothing is read back. Small leaves are measured and scaled as one flat tensor.
 *
 * @param norm the norm, where the caller has it already.
 */
export function clipByGlobalNorm(tree: Tree, max: number, norm?: Tensor): Tree {
  const { groups, single } = groupLeaves(tree);
  const parts: Tree = {
    ...Object.fromEntries(groups.map((group, i) => [`packed ${i}`, pack(tree, group)])),
    ...Object.fromEntries(single.map((path) => [path, tree[path]!])),
  };
  const scaled = scaleTree(parts, tf.minimum(tf.div(max, tf.add(norm ?? normTree(parts), 1e-6)), 1));
  const unpacked: Tree = Object.assign({}, scaled, ...groups.map((group, i) => unpack(scaled[`packed ${i}`]!, group))) as Tree;
  return mapTree(tree, (_leaf, path) => unpacked[path]!);
}

/** Limits every element to [-max, max], PyTorch's `clip_grad_value_`. */
export function clipByValue(tree: Tree, max: number): Tree {
  return mapTree(tree, (leaf) => tf.clipByValue(leaf, -max, max));
}
