import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import '../../index.js';
import { numbers } from '../../test-engine/checks.fixture.js';
import { startTestEngine } from '../../test-engine/test-engine.js';
import { WasmCall } from '../wasm-kernel.js';
import type { Operation } from './elementwise.js';
import { broadcastName } from './simd.js';

beforeAll(async () => {
  await startTestEngine('wasm');
});

/** Puts arrays into memory, calls the function with their addresses, and returns what the last one holds then. */
function run(inputs: readonly ArrayLike<number>[], output: ArrayLike<number>, call: (kernel: WasmCall, ...at: number[]) => void): number[] {
  const kernel = new WasmCall({}, {}, tf.backend());
  const infos = [...inputs, output].map((values) => {
    const info = kernel.memory.allocate([values.length], 'float32');
    kernel.memory.float32(info).set(values);
    return info;
  });
  call(kernel, ...infos.map((info) => kernel.memory.address(info)));
  const result = [...kernel.memory.float32(infos.at(-1)!)];
  for (const info of infos) kernel.memory.release(info);
  return result;
}

it('passes a gradient where the output was positive, in groups of four', () => {
  const result = run(
    [
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
      [0, 1, -1, 1e-30, -0, NaN, 3, -3, 1],
    ],
    new Array<number>(9).fill(-7),
    ({ simd }, dy, y, dx) => simd.reluGradient(dy!, y!, 9, dx!),
  );
  expect(result).toEqual([0, 2, 0, 4, 0, 0, 7, 0, -7]);
});

it('copies rows between arrays with other steps', () => {
  const from = Array.from({ length: 12 }, (_, i) => i);
  const result = run([from], new Array<number>(10).fill(-1), ({ simd }, source, to) => simd.copyRows(source!, 16, to! + 4, 12, 8, 3));
  expect(result).toEqual([-1, 0, 1, -1, 4, 5, -1, 8, 9, -1]);
});

const exact: Record<Operation, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Multiply: (a, b) => a * b,
  RealDiv: (a, b) => a / b,
  Maximum: Math.max,
  Minimum: Math.min,
};
const cases = (Object.keys(exact) as Operation[]).flatMap((op) =>
  [false, true].flatMap((flipped) => [false, true].map((single) => [op, flipped, single] as const)),
);
it.each(cases)('%s of rows (flipped: %s, one number: %s)', (op, flipped, single) => {
  const [x, small] = [numbers(24, 5), numbers(single ? 1 : 8, 6)];
  const result = run([x, small], new Float32Array(24), ({ simd }, at, smallAt, out) =>
    simd[broadcastName(op, flipped, single)](at!, smallAt!, 3, 8, out!),
  );
  const expected = Float32Array.from(x, (v, i) => {
    const other = small[single ? 0 : i % 8]!;
    return flipped ? exact[op](other, v) : exact[op](v, other);
  });
  // All are rounded as IEEE 754 says, in float32 as in a double that is rounded afterwards.
  expect(result).toEqual([...expected]);
});
