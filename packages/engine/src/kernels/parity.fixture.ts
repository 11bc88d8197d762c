import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import '../index.js';
import { startTestEngine } from '../test-engine/test-engine.js';
import { expectClose, numbers } from '../test-engine/checks.fixture.js';

/** Makes a tensor of numbers that look random. */
export type Make = (shape: readonly number[], seed?: number) => Tensor;

/** Runs on wasm and on the plain JavaScript backend and compares shape, type and values. */
export async function expectParity(fn: (make: Make) => Tensor, tolerance = 1e-4): Promise<void> {
  const results: { shape: number[]; dtype: string; values: ArrayLike<number> }[] = [];
  for (const id of ['wasm', 'cpu']) {
    await startTestEngine(id);
    const before = tf.memory().numTensors;
    const data = tf.backend().numDataIds();
    const result = tf.tidy(() => {
      const output = fn((shape, seed = 1) =>
        tf.tensor(
          numbers(
            shape.reduce((a, b) => a * b, 1),
            seed,
          ),
          [...shape],
        ),
      );
      return { shape: output.shape, dtype: output.dtype, values: output.dataSync().slice() };
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.backend().numDataIds()).toBe(data);
    results.push(result);
  }
  const [wasm, cpu] = results;
  expect(wasm!.shape).toEqual(cpu!.shape);
  expect(wasm!.dtype).toBe(cpu!.dtype);
  expectClose(wasm!.values, cpu!.values, tolerance);
}

/** Runs a kernel by name. */
export const run = (name: string, inputs: Record<string, Tensor>, attrs: object): Tensor =>
  tf.engine().runKernel(name, inputs, attrs as NamedAttrMap) as unknown as Tensor;
