import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import '../../index.js';
import { expectClose, numbers } from '../../test-engine/checks.fixture.js';
import { startTestEngine } from '../../test-engine/test-engine.js';
import { WasmCall } from '../wasm-kernel.js';

beforeAll(async () => {
  await startTestEngine('wasm');
});

// Three rows of eight columns; rows of x lie 12 numbers apart, rows of y 9.
const [ROWS, COLUMNS, X_STEP, Y_STEP] = [3, 8, 12, 9];

function inMemory(call: WasmCall, ...arrays: ArrayLike<number>[]) {
  return arrays.map((values) => {
    const info = call.memory.allocate([values.length], 'float32');
    call.memory.float32(info).set(values);
    return { info, at: call.memory.address(info) };
  });
}

it('adds rows times factors to rows', () => {
  const call = new WasmCall({}, {}, tf.backend());
  const [x, factors, y] = [numbers(ROWS * X_STEP, 1), numbers(COLUMNS, 2), numbers(ROWS * Y_STEP, 3)];
  const parts = inMemory(call, x, factors, y);
  const [xAt, factorsAt, yAt] = parts.map(({ at }) => at) as [number, number, number];
  call.simd.multiplyAddRows(xAt, 4 * X_STEP, factorsAt, ROWS, COLUMNS, yAt, 4 * Y_STEP);
  const expected = Array.from(y, (v, i) => {
    const [r, c] = [Math.floor(i / Y_STEP), i % Y_STEP];
    return c < COLUMNS ? v + x[r * X_STEP + c]! * factors[c]! : v;
  });
  expectClose(call.memory.float32(parts[2]!.info), expected, 1e-6);
  for (const { info } of parts) call.memory.release(info);
});

it('sums products of rows in double precision, on top of what was there', () => {
  const call = new WasmCall({}, {}, tf.backend());
  const [x, y] = [numbers(ROWS * X_STEP, 1).map((v) => v + 1000), numbers(ROWS * Y_STEP, 3)];
  const parts = inMemory(call, x, y, new Float32Array(2 * COLUMNS));
  const [xAt, yAt, sumsAt] = parts.map(({ at }) => at) as [number, number, number];
  const sums = new Float64Array(call.memory.float32(parts[2]!.info).buffer, sumsAt, COLUMNS).fill(5);
  call.simd.rowDots(xAt, 4 * X_STEP, yAt, 4 * Y_STEP, ROWS, COLUMNS, sumsAt);
  const expected = Array.from(sums, (_, c) => {
    let sum = 5;
    for (let r = 0; r < ROWS; r++) sum += x[r * X_STEP + c]! * y[r * Y_STEP + c]!;
    return sum;
  });
  expectClose(sums, expected, 1e-14);
  expect(Math.max(...expected)).toBeGreaterThan(100);
  for (const { info } of parts) call.memory.release(info);
});
