import { EquimodalError, suggestion, type Tree } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { prefixTree, zerosLikeTree } from '../tree/tree.js';

/** What one update is computed from. Nothing is changed in place and nothing is read back. */
export interface OptimizerInput {
  readonly params: Tree;
  /** By the paths of `params`. A path without a gradient is left alone, like a frozen one. */
  readonly gradients: Tree;
  readonly state: Tree;
  /** Scalar float32. */
  readonly learningRate: Tensor;
  /** Factor on the learning rate of a path. */
  readonly rate?: ((path: string) => number | Tensor) | undefined;
  /** Paths that are not touched at all: no weight decay, no momentum, no step count; their leaves are handed back as they are. */
  readonly frozen?: ((path: string) => boolean) | undefined;
}

/**
 * A pure update rule. `init` gives the state for a tree of parameters: `<slot>/<path>` for every path.
 */
export interface Optimizer {
  init(params: Tree): Tree;
  /** New parameters and state with the same paths, in new tensors except where a path was left alone. */
  update(input: OptimizerInput): { readonly params: Tree; readonly state: Tree };
}

/** The parameters an update concerns: those with a gradient that are not frozen. */
export interface Active {
  readonly params: Tree;
  /** Factor on the learning rate, by path. */
  readonly factors: ReadonlyMap<string, number | Tensor>;
}

/**
 * Finds what an update concerns.
 *
 * @throws EQM_PLUGIN_FAULT for a gradient of a path that is no parameter.
 */
export function activeLeaves({ params, gradients, rate, frozen }: OptimizerInput): Active {
  for (const path of Object.keys(gradients)) {
    if (path in params) continue;
    throw new EquimodalError(
      'EQM_PLUGIN_FAULT',
      `there is a gradient of "${path}", which is not a parameter; ${suggestion(path, Object.keys(params))}`,
      {
        where: path,
        fix: 'Return gradients under the paths of the parameters.',
      },
    );
  }
  const active = Object.entries(params).filter(([path]) => gradients[path] !== undefined && frozen?.(path) !== true);
  return { params: Object.fromEntries(active), factors: new Map(active.map(([path]) => [path, rate?.(path) ?? 1])) };
}

/** Zeros like the parameters, below a slot's name. */
export function zeroSlot(name: string, params: Tree): Tree {
  return prefixTree(name, zerosLikeTree(params));
}

/** Options of an optimizer, checked: numbers in [0, limit). */
export function checkOptions(where: string, options: Readonly<Record<string, number>>, limits: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value >= 0 && value < (limits[name] ?? Infinity)) continue;
    throw new EquimodalError('EQM_PLUGIN_FAULT', `${name} must be at least 0 and below ${limits[name] ?? 'infinity'}, got ${value}`, {
      where,
      fix: `Change ${name} of ${where}.`,
    });
  }
}
