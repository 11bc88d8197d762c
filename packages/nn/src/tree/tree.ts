import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError, type Tree, type Variables } from '@equimodal/core';

/** Applies a function to every leaf. */
export function mapTree(tree: Tree, fn: (leaf: Tensor, path: string) => Tensor): Tree {
  const out: Record<string, Tensor> = {};
  for (const [path, leaf] of Object.entries(tree)) out[path] = fn(leaf, path);
  return out;
}

/** Applies a function to the leaves of two trees with the same paths. */
export function zipTrees(a: Tree, b: Tree, fn: (x: Tensor, y: Tensor, path: string) => Tensor): Tree {
  return mapTree(a, (leaf, path) => fn(leaf, leafOf(b, path), path));
}

/** The leaf at a path; throws a plain Error naming the path when it is missing. */
export function leafOf(tree: Tree, path: string): Tensor {
  const leaf = tree[path];
  if (leaf === undefined) throw new Error(`no leaf "${path}" in the tree; it has ${Object.keys(tree).join(', ') || 'none'}`);
  return leaf;
}

export const addTrees = (a: Tree, b: Tree): Tree => zipTrees(a, b, (x, y) => tf.add(x, y));
export const subTrees = (a: Tree, b: Tree): Tree => zipTrees(a, b, (x, y) => tf.sub(x, y));
export const scaleTree = (tree: Tree, factor: number | Tensor): Tree => mapTree(tree, (leaf) => tf.mul(leaf, factor));
export const zerosLikeTree = (tree: Tree): Tree => mapTree(tree, (leaf) => tf.zerosLike(leaf));
export const cloneTree = (tree: Tree): Tree => mapTree(tree, (leaf) => tf.clone(leaf));
/** a + factor b */
export const axpyTree = (a: Tree, factor: number | Tensor, b: Tree): Tree => zipTrees(a, b, (x, y) => tf.add(x, tf.mul(y, factor)));

/** Inner product over all leaves, scalar. */
export function dotTrees(a: Tree, b: Tree): Tensor {
  return sumLeaves(Object.values(zipTrees(a, b, (x, y) => tf.sum(tf.mul(x, y)))));
}

/** Euclidean norm over all leaves, scalar. */
export function normTree(tree: Tree): Tensor {
  return tf.sqrt(sumLeaves(Object.values(mapTree(tree, (leaf) => tf.sum(tf.square(leaf))))));
}

function sumLeaves(leaves: Tensor[]): Tensor {
  if (leaves.length === 0) return tf.scalar(0);
  return leaves.length === 1 ? leaves[0]! : tf.addN(leaves);
}

/** Disposes every leaf. */
export function disposeTree(tree: Tree): void {
  for (const leaf of Object.values(tree)) leaf.dispose();
}

/** Puts every leaf below a prefix: `kernel` -> `conv1/kernel`. */
export function prefixTree(prefix: string, tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([path, leaf]) => [`${prefix}/${path}`, leaf]));
}

/** The leaves below a prefix, with the prefix removed. */
export function subTree<T = Tensor>(prefix: string, tree: Readonly<Record<string, T>>): Record<string, T> {
  const head = `${prefix}/`;
  const below: Record<string, T> = {};
  for (const [path, leaf] of Object.entries(tree)) if (path.startsWith(head)) below[path.slice(head.length)] = leaf;
  return below;
}

/** Puts variables below a prefix. */
export function prefixVariables(prefix: string, variables: Variables): Variables {
  return { params: prefixTree(prefix, variables.params), state: prefixTree(prefix, variables.state) };
}

/**
 * Joins variables with disjoint paths.
 *
 * @throws EQM_PLUGIN_FAULT when two of them use the same path.
 */
export function mergeVariables(all: readonly Variables[]): Variables {
  return { params: joinTrees(all.map((v) => v.params)), state: joinTrees(all.map((v) => v.state)) };
}

function joinTrees(trees: readonly Tree[]): Tree {
  const joined: Record<string, Tensor> = {};
  for (const tree of trees) {
    for (const [path, leaf] of Object.entries(tree)) {
      if (path in joined)
        throw new EquimodalError('EQM_PLUGIN_FAULT', `two modules use the path "${path}"`, {
          where: path,
          fix: 'Give each its own prefix.',
        });
      joined[path] = leaf;
    }
  }
  return joined;
}

/** Variables of a module that has none. */
export const NO_VARIABLES: Variables = Object.freeze({ params: {}, state: {} });
