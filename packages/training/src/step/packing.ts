import * as tf from '@tensorflow/tfjs-core';
import type { Bundle, Program, Tree } from '@equimodal/core';
import { groupLeaves, pack, unpack, type GroupOptions } from '@equimodal/nn';

/** Another form of a tree: its small float leaves as few flat tensors, the others as they are. To be used inside a tidy scope. */
export interface TreePacking {
  /** `flat/<i>` [sum of sizes], in the order of the tree, and `whole/<path>`. */
  pack(tree: Tree): Tree;
  /** The tree again, with its paths in their order. */
  unpack(packed: Tree): Tree;
}

/**
 * How a tree of these shapes is packed. Handing a tensor over costs more than copying a small one.
 *
 * @param options which leaves travel together; by default all small ones.
 */
export function treePacking(example: Tree, options: GroupOptions = {}): TreePacking {
  const { groups, single } = groupLeaves(example, options);
  const paths = Object.keys(example);
  return {
    pack: (tree) => ({
      ...Object.fromEntries(groups.map((group, i) => [`flat/${i}`, pack(tree, group)])),
      ...Object.fromEntries(single.map((path) => [`whole/${path}`, tf.clone(tree[path]!)])),
    }),
    unpack(packed) {
      const together: Tree = Object.assign({}, ...groups.map((group, i) => unpack(packed[`flat/${i}`]!, group))) as Tree;
      return Object.fromEntries(paths.map((path) => [path, together[path] ?? tf.clone(packed[`whole/${path}`]!)]));
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
