import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';
import { expect } from 'vitest';
import { valueAndGradients } from '../autodiff/autodiff.js';
import { openScope } from '../scope/scope.js';
import type { Layer } from './layer.js';

/** An array as the fixtures store it: row-major. */
export interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export const tensorOf = ({ shape, data }: Stored): Tensor => tf.tensor([...data], [...shape], 'float32');

export const treeOf = (stored: Readonly<Record<string, Stored>>): Tree =>
  Object.fromEntries(Object.entries(stored).map(([path, value]) => [path, tensorOf(value)]));

/** Same shape, and |actual - expected| <= tolerance (1 + |expected|) for every element. */
export function expectClose(actual: Tensor, expected: Stored, tolerance = 1e-5, what = ''): void {
  expect(actual.shape, `shape ${what}`).toEqual(expected.shape);
  const values = actual.dataSync();
  const worst = expected.data.reduce((most, value, i) => Math.max(most, Math.abs(values[i]! - value) / (1 + Math.abs(value))), 0);
  expect(Number.isNaN(worst) ? Infinity : worst, `largest relative difference ${what}`).toBeLessThan(tolerance);
}

/** Runs a layer and the gradients of sum(weights * output), for the parameters and the input (as `input`). */
export function runLayer(
  layer: Layer,
  {
    params,
    state = {},
    input,
    weights,
    training = true,
  }: { params: Tree; state?: Tree; input: Tensor; weights: Tensor; training?: boolean },
): { output: Tensor; gradients: Tree; state: Tree } {
  let after: Tree = {};
  const { aux, gradients } = valueAndGradients(
    () => {
      const { scope, newState } = openScope({ params, state, training });
      const output = layer.apply(scope, input);
      after = newState();
      return {
        value: tf.sum(tf.mul(output, weights)),
        aux: { output, ...Object.fromEntries(Object.entries(after).map(([path, leaf]) => [`state:${path}`, leaf])) } as Record<
          string,
          Tensor
        >,
      };
    },
    { ...params, input },
  );
  return { output: aux['output']!, gradients, state: Object.fromEntries(Object.keys(after).map((path) => [path, aux[`state:${path}`]!])) };
}
