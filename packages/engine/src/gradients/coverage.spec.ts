import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import '../index.js';
import { checkGradients, expectClose, numbers, onEachEngine } from '../test-engine/checks.fixture.js';
import { startTestEngine } from '../test-engine/test-engine.js';
import { CONVOLUTIONS, NORMS, REFUSED } from './coverage-layers.fixture.js';
import { PRODUCTS, STRUCTURE } from './coverage-structure.fixture.js';
import { BROADCAST, ELEMENTWISE, REDUCTIONS, type Coverage } from './coverage.fixture.js';

const STEP = 4e-3;
const TABLE = [...ELEMENTWISE, ...BROADCAST, ...REDUCTIONS, ...STRUCTURE, ...PRODUCTS, ...CONVOLUTIONS, ...NORMS];

/** TensorFlow computes these on some processors only (through oneDNN), and refuses them on others: refused is fine, wrong is not. */
const BY_PROCESSOR = ['depthwiseConv2d, stride 1, same, dilation 2'];

/**
 * Numbers in the domain, in an order that looks random: a shuffled grid, so that no two of one row come closer than a
 * difference step (kinks of max, min and pooling stay away), shifted from tensor to tensor.
 */
function values({ inputs, domain: [low, high] = [-1, 1] }: Coverage): Float32Array[] {
  return inputs.map((shape, n) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const keys = numbers(size, 11 + n);
    const order = Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]!);
    return Float32Array.from(order, (at) => low + ((at + 0.3 + 0.23 * (n % 3)) / size) * (high - low));
  });
}

function valueOf(row: Coverage): { shape: number[]; values: Float32Array } {
  return tf.tidy(() => {
    const inputs = values(row).map((v, i) => tf.tensor(v, [...row.inputs[i]!]));
    const output = row.fn(...inputs);
    return { shape: output.shape, values: output.dataSync<'float32'>().slice() };
  });
}

/** TensorFlow says that it cannot compute the op or its gradient, and computes nothing. */
function refusal(check: () => void): boolean {
  try {
    check();
    return false;
  } catch (error) {
    if (/TF_Status/.test(String(error))) return true;
    throw error;
  }
}

onEachEngine((id) => {
  const rows = TABLE.filter(({ not = [] }) => !(not as readonly string[]).includes(id));
  it.each(rows.map((row) => [row.op, row] as const))('%s', async (_op, row) => {
    await startTestEngine(id);
    const given = values(row);
    const check = () =>
      checkGradients(
        row.fn,
        row.inputs.map((shape, i) => ({ shape, values: given[i]! })),
        { step: STEP, tolerance: 2e-3 },
      );
    if (id === 'native' && BY_PROCESSOR.includes(row.op)) {
      if (refusal(check)) return;
    } else check();
    if (id === 'cpu' || row.not?.includes('cpu') === true) return;
    const actual = valueOf(row);
    await startTestEngine('cpu');
    const expected = valueOf(row);
    expect(actual.shape).toEqual(expected.shape);
    expectClose(actual.values, expected.values, 1e-5);
  });

  it.each(REFUSED.map((row) => [row.op, row] as const))('refuses %s with an error', (_op, { fn, shape, says }) => {
    expect(() => tf.tidy(() => tf.grad((x) => tf.sum(fn(x)))(tf.ones([...shape])))).toThrow(says);
  });
});
