import type { Fused, Fusion, Tree } from '@equimodal/core';
import { openScope, valueAndGradients } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

export type Rows = readonly (readonly number[])[];

/** Rows as a float32 matrix. */
export const matrix = (rows: Rows): Tensor => tf.tensor2d(rows.map((row) => [...row]));
/** Rows as the kernel of a layer whose published weights are [outputs, inputs]. */
export const kernelOf = (weights: Rows): Tensor => tf.transpose(matrix(weights));
export const features = (rows: Readonly<Record<string, Rows>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(rows).map(([modality, own]) => [modality, matrix(own)]));

export function apply(fusion: Fusion, params: Tree, given: Readonly<Record<string, Tensor>>): Fused {
  return fusion.apply(openScope({ params, state: {}, training: true }).scope, given);
}

/** Asserts every number of a matrix to six digits. */
export function expectRows(actual: Tensor, expected: Rows, digits = 5): void {
  expect(actual.shape).toEqual([expected.length, expected[0]!.length]);
  const values = actual.dataSync();
  for (const [i, value] of expected.flat().entries()) expect(values[i], `number ${i}`).toBeCloseTo(value, digits);
}

export function expectSame(actual: Tensor, expected: Tensor, digits = 5): void {
  expectRows(actual, (expected as tf.Tensor2D).arraySync(), digits);
}

/** Gradient norms of sum(logits^2) by leaf, for parameters and features. */
export function gradientNorms(
  fusion: Fusion,
  params: Tree,
  given: Readonly<Record<string, Tensor>>,
  of: (fused: Fused) => Tensor,
): Record<string, number> {
  const { gradients } = valueAndGradients(() => ({ value: tf.sum(tf.square(of(apply(fusion, params, given)))), aux: {} }), {
    ...params,
    ...given,
  });
  return Object.fromEntries(Object.entries(gradients).map(([path, leaf]) => [path, tf.norm(leaf).dataSync()[0]!]));
}
