import * as tf from '@tensorflow/tfjs-core';
import type { Bundle, Program, Tree } from '@equimodal/core';

/** Leaves of at most this many elements travel together: handing a tensor over costs more than copying them. */
const SMALL = 16_384;
const FLAT = 'flat';
const WHOLE = 'whole';

/** Another form of a tree: its small float leaves as one flat tensor, the others as they are. */
export interface TreePacking {
  /** `flat` [sum of sizes], in the order of the tree, and `whole/<path>`. New tensors. */
  pack(tree: Tree): Tree;
  /** The tree again, with its paths in their order. New tensors. */
  unpack(packed: Tree): Tree;
}

/** How a tree of these shapes is packed. */
export function treePacking(example: Tree): TreePacking {
  const leaves = Object.entries(example).map(([path, { dtype, size, shape, rank }]) => ({
    path,
    shape,
    size,
    rank,
    small: dtype === 'float32' && size <= SMALL,
  }));
  const small = leaves.filter((leaf) => leaf.small);
  const together = small.length > 1;
  const alone = leaves.filter((leaf) => !together || !leaf.small);
  return {
    pack: (tree) => ({
      ...(together ? { [FLAT]: tf.concat(small.map(({ path, rank }) => (rank === 1 ? tree[path]! : tf.reshape(tree[path]!, [-1])))) } : {}),
      ...Object.fromEntries(alone.map(({ path }) => [`${WHOLE}/${path}`, tf.clone(tree[path]!)])),
    }),
    unpack(packed) {
      const sizes = small.map(({ size }) => size);
      const parts = together ? tf.split(packed[FLAT]!, sizes) : [];
      let next = 0;
      return Object.fromEntries(
        leaves.map(({ path, shape, rank, small: isSmall }) => {
          if (!together || !isSmall) return [path, tf.clone(packed[`${WHOLE}/${path}`]!)];
          const part = parts[next++]!;
          return [path, rank === 1 ? part : tf.reshape(part, shape)];
        }),
      );
    },
  };
}

/** A program that takes and gives some of its trees packed. */
export function packedProgram(program: Program, packings: Readonly<Record<string, TreePacking>>): Program {
  const change = (bundle: Bundle, how: 'pack' | 'unpack'): Bundle =>
    Object.fromEntries(Object.entries(bundle).map(([name, tree]) => [name, packings[name]?.[how](tree) ?? tree]));
  return {
    name: program.name,
    run: (inputs) => change(program.run(change(inputs, 'unpack')), 'pack'),
  };
}
