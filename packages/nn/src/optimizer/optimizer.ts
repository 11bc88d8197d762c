import { EquimodalError, suggestion, type Tree } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
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

/** One parameter that is being updated. */
export interface ActiveLeaf {
  readonly path: string;
  readonly param: Tensor;
  readonly gradient: Tensor;
  /** Learning rate of this path, scalar. */
  readonly rate: Tensor;
}

/**
 * The parameters an update concerns.
 *
 * @throws EQM_PLUGIN_FAULT for a gradient of a path that is no parameter.
 */
export function activeLeaves({ params, gradients, learningRate, rate, frozen }: OptimizerInput): ActiveLeaf[] {
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
  return Object.entries(params).flatMap(([path, param]) => {
    const gradient = gradients[path];
    if (gradient === undefined || frozen?.(path) === true) return [];
    const factor = rate?.(path) ?? 1;
    return [{ path, param, gradient, rate: factor === 1 ? learningRate : tf.mul(learningRate, factor) }];
  });
}

/** A slot's state of one path. */
export function slot(state: Tree, name: string, path: string): Tensor {
  const leaf = state[`${name}/${path}`];
  if (leaf !== undefined) return leaf;
  throw new EquimodalError('EQM_PLUGIN_FAULT', `the optimizer has no state "${name}" of "${path}"`, {
    where: path,
    fix: 'Hand in the state that init or the last update of the same optimizer returned.',
  });
}

/** Zeros like the parameters, below a slot's name. */
export function zeroSlot(name: string, params: Tree): Tree {
  return prefixTree(name, zerosLikeTree(params));
}

/** Runs an update and disposes what it made on the way; the trees it returns stay. */
export function tidyUpdate(update: () => { readonly params: Tree; readonly state: Tree }): { readonly params: Tree; readonly state: Tree } {
  let result: { readonly params: Tree; readonly state: Tree } | undefined;
  tf.tidy(() => {
    result = update();
    return [...Object.values(result.params), ...Object.values(result.state)];
  });
  return result!;
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
