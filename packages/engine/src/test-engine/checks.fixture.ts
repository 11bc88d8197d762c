import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect } from 'vitest';
import { startTestEngine, usableTestEngines } from './test-engine.js';

const usable = await usableTestEngines();

/** Declares the tests once per engine; an engine that cannot be used here shows as skipped. */
export function onEachEngine(tests: (id: string) => void, ids: readonly string[] = ['native', 'wasm', 'cpu']): void {
  for (const id of ids) {
    describe.skipIf(!usable.includes(id))(`on ${id}`, () => {
      beforeAll(async () => {
        await startTestEngine(id);
      });
      tests(id);
    });
  }
}

/** Numbers that look random and are the same everywhere, in [-1, 1). */
export function numbers(size: number, seed = 1): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 31 - 1;
  });
}

export function tensorOf(shape: readonly number[], seed = 1): Tensor {
  return tf.tensor(
    numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    [...shape],
  );
}

export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-4): void {
  expect(actual.length).toBe(expected.length);
  let scale = 1;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]!));
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= tolerance * scale)) {
      expect.fail(`entry ${i}: got ${actual[i]}, expected ${expected[i]} (tolerance ${tolerance * scale})`);
    }
  }
}

/** Checks that gradients agree with central differences of sum(weights * fn(inputs)). */
export function checkGradients(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly { readonly shape: readonly number[]; readonly values?: ArrayLike<number> }[],
  { step = 1e-2, tolerance = 5e-3 }: { step?: number; tolerance?: number } = {},
): void {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const values = inputs.map(({ shape, values: given }, i) =>
      Float32Array.from(
        given ??
          numbers(
            shape.reduce((a, b) => a * b, 1),
            i + 3,
          ),
      ),
    );
    const tensors = (): Tensor[] => inputs.map(({ shape }, i) => tf.tensor(values[i]!.slice(), [...shape]));
    const outputShape = fn(...tensors()).shape;
    const weights = tensorOf(outputShape, 99);
    const objective = (...xs: Tensor[]): tf.Scalar => tf.sum(tf.mul(weights, fn(...xs)));
    // The difference is taken of the outputs, in double precision, not of their float32 sum.
    const w = weights.dataSync();
    const evaluate = (): Float64Array => Float64Array.from(fn(...tensors()).dataSync(), (v, i) => v * w[i]!);
    const gradients = tf.grads(objective)(tensors());
    inputs.forEach((_, n) => {
      const expected = Float64Array.from(values[n]!, (original, i) => {
        const at = (value: number): Float64Array => {
          values[n]![i] = value;
          tf.engine().startScope();
          try {
            return evaluate();
          } finally {
            tf.engine().endScope();
          }
        };
        const [above, below] = [at(original + step), at(original - step)];
        values[n]![i] = original;
        return above.reduce((sum, v, j) => sum + (v - below[j]!), 0) / (2 * step);
      });
      expect(gradients[n]!.shape).toEqual(inputs[n]!.shape);
      expectClose(gradients[n]!.dataSync(), expected, tolerance);
    });
  });
  expect(tf.memory().numTensors).toBe(before);
}
