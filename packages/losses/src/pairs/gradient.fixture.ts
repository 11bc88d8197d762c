import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

export type Rows = readonly (readonly number[])[];

export const matrix = (rows: Rows): Tensor => tf.tensor2d(rows.map((row) => [...row]));
export const numberOf = (scalar: Tensor): number => {
  expect(scalar.shape).toEqual([]);
  return scalar.dataSync()[0]!;
};

/**
 * Asserts value and gradients of a function of matrices against a second implementation in plain numbers, whose
 * gradient is taken by central differences in double precision.
 */
export function expectAgreement(
  ours: (...inputs: Tensor[]) => Tensor,
  plain: (...inputs: Rows[]) => number,
  inputs: readonly Rows[],
  digits = 4,
): void {
  expect(numberOf(ours(...inputs.map(matrix)))).toBeCloseTo(plain(...inputs), digits);
  const gradients = tf.grads((...tensors: Tensor[]) => ours(...tensors) as tf.Scalar)(inputs.map(matrix));
  for (const [n, rows] of inputs.entries()) {
    const values = gradients[n]!.dataSync();
    const width = rows[0]!.length;
    for (let i = 0; i < rows.length * width; i++) {
      const at = (shift: number) => plain(...inputs.map((own, m) => (m === n ? bump(own, Math.floor(i / width), i % width, shift) : own)));
      expect(values[i], `input ${n}, number ${i}`).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, digits);
    }
  }
}

const bump = (rows: Rows, row: number, column: number, shift: number): Rows =>
  rows.map((own, i) => own.map((value, j) => (i === row && j === column ? value + shift : value)));

/** Softmax of one row, in plain numbers. */
export function softmaxOf(row: readonly number[]): number[] {
  const exponentials = row.map((value) => Math.exp(value - Math.max(...row)));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / sum);
}

/** Cosine of two rows, in plain numbers. */
export function cosineOf(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0) / (Math.hypot(...a) * Math.hypot(...b));
}
