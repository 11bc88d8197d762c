import type { RandomStream, Scope, Variables } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { mergeVariables, NO_VARIABLES, prefixVariables } from '../tree/tree.js';

/** A pure layer: variables from a random stream, and a function of a scope and an input. */
export interface Layer<I = Tensor, O = Tensor> {
  init(random: RandomStream): Variables;
  apply(scope: Scope, input: I): O;
}

/** Variables of named children, each below its name and from its own random stream. */
export function initChildren(
  children: Readonly<Record<string, { init(random: RandomStream): Variables }>>,
  random: RandomStream,
): Variables {
  return mergeVariables(Object.entries(children).map(([name, child]) => prefixVariables(name, child.init(random.at(name)))));
}

/** Layers one after another, below `0`, `1`, ... */
export function sequential(layers: readonly Layer[]): Layer {
  return {
    init: (random) => initChildren(Object.fromEntries(layers.map((layer, i) => [i, layer])), random),
    apply: (scope, input) => layers.reduce((x, layer, i) => layer.apply(scope.at(i), x), input),
  };
}

/** A layer without variables, from a function. */
export function pure(fn: (x: Tensor) => Tensor): Layer {
  return { init: () => NO_VARIABLES, apply: (_scope, input) => fn(input) };
}
