import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import '../../index.js';
import { expectClose, numbers } from '../../test-engine/checks.fixture.js';
import { startTestEngine } from '../../test-engine/test-engine.js';
import { WasmCall } from '../wasm-kernel.js';

beforeAll(async () => {
  await startTestEngine('wasm');
});

/** Memory with these numbers and a guard of eight behind it, which must stay as it was. */
function array(call: WasmCall, values: ArrayLike<number>) {
  const info = call.memory.allocate([values.length + 8], 'float32');
  call.memory.float32(info).fill(77);
  call.memory.float32(info).set(values);
  return {
    info,
    at: call.memory.address(info),
    read(): number[] {
      const all = [...call.memory.float32(info)];
      expect(all.slice(values.length)).toEqual(new Array(8).fill(77));
      return all.slice(0, values.length);
    },
  };
}

function product(a: Float32Array, b: Float32Array, m: number, k: number, n: number): Float64Array {
  return Float64Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let l = 0; l < k; l++) sum += a[i * k + l]! * b[l * n + j]!;
    return sum;
  });
}

// Tiles of 4, 3, 2, 1 rows and panels of 8, 4, 1 columns, and what is left of them.
const sizes = [1, 2, 3, 4, 5, 7, 9].flatMap((m) => [1, 2, 5, 9].flatMap((k) => [1, 3, 4, 5, 8, 11, 13, 16].map((n) => [m, k, n] as const)));

it.each([false, true])('multiplies matrices of every size (b transposed: %s)', (transposed) => {
  const call = new WasmCall({}, {}, tf.backend());
  const { simd } = call;
  for (const [m, k, n] of sizes) {
    const [a, b] = [numbers(m * k, 1), numbers(k * n, 2)];
    const expected = product(a, b, m, k, n);
    const swapped = (x: Float32Array, rows: number, columns: number): Float32Array =>
      x.map((_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!);
    const [left, leftSwapped] = [array(call, a), array(call, swapped(a, m, k))];
    const right = array(call, transposed ? swapped(b, k, n) : b);
    const packed = array(call, new Float32Array(k * n));
    const rows = call.table(Array.from({ length: m }, (_, i) => 4 * i * k));
    const steps = call.table(Array.from({ length: k }, (_, l) => 4 * l * m));
    const results = call.table(Array.from({ length: m }, (_, i) => 4 * i * n));
    const single = call.table([0]);
    const at = (info: tf.TensorInfo): number => call.memory.address(info);
    const out = array(call, new Float32Array(m * n).fill(5));

    simd.packPanels(right.at, transposed ? 4 : 4 * n, transposed ? 4 * k : 4, k, n, packed.at);
    packed.read();
    simd.productByRows(left.at, at(rows), m, at(single), 1, k, packed.at, n, out.at, at(results), 0);
    expectClose(out.read(), expected, 1e-6);
    simd.productByRows(left.at, at(rows), m, at(single), 1, k, packed.at, n, out.at, at(results), 1);
    expectClose(
      out.read(),
      expected.map((v) => 2 * v),
      1e-6,
    );
    simd.productByColumns(leftSwapped.at, at(steps), k, m, packed.at, n, out.at, 0);
    expectClose(out.read(), expected, 1e-6);
    simd.productByColumns(leftSwapped.at, at(steps), k, m, packed.at, n, out.at, 1);
    expectClose(
      out.read(),
      expected.map((v) => 2 * v),
      1e-6,
    );
    for (const info of [left, leftSwapped, right, packed, out].map((part) => part.info)) call.memory.release(info);
    for (const info of [rows, steps, results, single]) call.memory.release(info);
  }
});

it('reads rows of several runs and adds to rows that overlap', () => {
  const call = new WasmCall({}, {}, tf.backend());
  // Rows of a: two runs of two numbers, 5 apart; the rows begin at 0, 1 and 3. b is the identity and twice the identity.
  const a = array(call, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const b = array(call, [1, 0, 0, 1, 2, 0, 0, 2]);
  const packed = array(call, new Float32Array(8));
  const out = array(call, new Float32Array(4));
  const [rows, runs, results] = [call.table([0, 4, 12]), call.table([0, 20]), call.table([0, 4, 8])];
  const [rowsAt, runsAt, resultsAt] = [rows, runs, results].map((info) => call.memory.address(info)) as [number, number, number];
  call.simd.packPanels(b.at, 8, 4, 4, 2, packed.at);
  call.simd.productByRows(a.at, rowsAt, 3, runsAt, 2, 2, packed.at, 2, out.at, resultsAt, 1);
  // Row i: [x0 + 2 x5, x1 + 2 x6] = [10, 13], [13, 16], [19, 22], written one number further each time.
  expect(out.read()).toEqual([10, 13 + 13, 16 + 19, 22]);
  for (const { info } of [a, b, packed, out]) call.memory.release(info);
  for (const info of [rows, runs, results]) call.memory.release(info);
});
