import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import '../index.js';
import type { NativeBackend, NativeBinding } from '../backend/native.js';
import { tensorOf } from '../test-engine/checks.fixture.js';
import { startTestEngine, usableTestEngines } from '../test-engine/test-engine.js';
import { BROADCAST, ELEMENTWISE, REDUCTIONS, type Coverage } from './coverage.fixture.js';

const LARGE = 256;

/** Runs it and counts the arrays of more than LARGE numbers that JavaScript hands to TensorFlow. */
function uploads(run: () => void): number {
  const backend = tf.backend() as NativeBackend & { binding: NativeBinding };
  const { binding } = backend;
  let count = 0;
  const createTensor: NativeBinding['createTensor'] = (shape, dtype, values) => {
    if (shape.reduce((a, b) => a * b, 1) > LARGE) count++;
    return binding.createTensor(shape, dtype, values);
  };
  backend.binding = Object.create(binding, { createTensor: { value: createTensor } }) as NativeBinding;
  try {
    run();
  } finally {
    backend.binding = binding;
  }
  return count;
}

/** Tensors that TensorFlow holds already. */
function uploaded(shapes: readonly (readonly number[])[]): Tensor[] {
  return shapes.map((shape, i) => tf.add(tensorOf(shape, i + 1), 2));
}

const usable = (await usableTestEngines()).includes('native');

// A full-size constant made in JavaScript is uploaded at every step, and written into the graph of a captured one.
describe.skipIf(!usable)('gradients make no large constants in JavaScript', () => {
  // The step function's own kernel makes one; the others' functions are written for one shape.
  const excluded = ['step', 'index by argMax', 'softmaxCrossEntropy', 'sigmoidCrossEntropy'];
  const rows: Coverage[] = [...ELEMENTWISE, ...BROADCAST, ...REDUCTIONS].filter(
    ({ op, inputs }) => !excluded.includes(op) && inputs.every((shape) => shape.length > 1),
  );
  it.each(rows.map((row) => [row.op, row] as const))('%s', async (_op, { fn, inputs }) => {
    await startTestEngine('native');
    tf.tidy(() => {
      // Axes of one stay, as they broadcast.
      const given = uploaded(inputs.map((shape) => shape.map((n) => (n === 1 ? 1 : 10 * n))));
      expect(uploads(() => void tf.grads((...x) => tf.sum(fn(...x)))(given))).toBe(0);
    });
  });
});
