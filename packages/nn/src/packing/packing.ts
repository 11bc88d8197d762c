import type { Tree } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { leafOf } from '../tree/tree.js';

/** Largest leaf that is packed, in elements: beyond it copying costs more than the op it saves. */
export const MAX_PACKED_SIZE = 16_384;

/** Leaves of a tree that are carried as one flat tensor, in the order of the tree. At least two. */
export interface LeafGroup {
  readonly paths: readonly string[];
  readonly shapes: readonly (readonly number[])[];
  /** Elements of each leaf. */
  readonly sizes: readonly number[];
}

/** How the leaves of a tree are divided. */
export interface Grouping {
  readonly groups: readonly LeafGroup[];
  /** Paths that stay on their own: large, not float32, or alone in their group. */
  readonly single: readonly string[];
}

export interface GroupOptions {
  /** Largest leaf that is packed, in elements. Default `MAX_PACKED_SIZE`. */
  readonly maxSize?: number;
  /** Leaves are packed together only where this gives the same value. Default: all. */
  readonly kind?: (path: string) => unknown;
}

/**
 * Divides leaves into groups to be packed and leaves that stay on their own.
 *
 * @param tree only shapes and types are looked at.
 */
export function groupLeaves(tree: Tree, { maxSize = MAX_PACKED_SIZE, kind = () => undefined }: GroupOptions = {}): Grouping {
  const byKind = new Map<unknown, string[]>();
  for (const [path, leaf] of Object.entries(tree)) {
    if (leaf.size > maxSize || leaf.size === 0 || leaf.dtype !== 'float32') continue;
    const key = kind(path);
    const paths = byKind.get(key);
    if (paths === undefined) byKind.set(key, [path]);
    else paths.push(path);
  }
  const groups = [...byKind.values()]
    .filter((paths) => paths.length > 1)
    .map((paths): LeafGroup => {
      const leaves = paths.map((path) => tree[path]!);
      return { paths, shapes: leaves.map(({ shape }) => shape), sizes: leaves.map(({ size }) => size) };
    });
  const packed = new Set(groups.flatMap(({ paths }) => paths));
  return { groups, single: Object.keys(tree).filter((path) => !packed.has(path)) };
}

/**
 * The leaves of a group one after another, float32 [sum of sizes].
 *
 * One concatenation of the leaves flattened: of what `unpack` gave for the same group, a captured program keeps neither.
 */
export function pack(tree: Tree, { paths }: LeafGroup): Tensor {
  return tf.concat(paths.map((path) => flat(leafOf(tree, path))));
}

const flat = (leaf: Tensor): Tensor => (leaf.rank === 1 ? leaf : tf.reshape(leaf, [leaf.size]));

/** The leaves of a group from what `pack` gave. */
export function unpack(packed: Tensor, { paths, shapes, sizes }: LeafGroup): Tree {
  const parts = tf.split(packed, [...sizes]);
  return Object.fromEntries(parts.map((part, i) => [paths[i]!, shapes[i]!.length === 1 ? part : tf.reshape(part, [...shapes[i]!])]));
}
