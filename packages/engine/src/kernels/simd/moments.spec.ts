import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import '../../index.js';
import { expectClose, numbers } from '../../test-engine/checks.fixture.js';
import { startTestEngine } from '../../test-engine/test-engine.js';
import { WasmCall } from '../wasm-kernel.js';

beforeAll(async () => {
  await startTestEngine('wasm');
});

const [ROWS, COLUMNS] = [7, 12];
const column = (x: ArrayLike<number>, c: number): number[] => Array.from({ length: ROWS }, (_, r) => x[r * COLUMNS + c]!);
const each = (value: (c: number) => number): Float64Array => Float64Array.from({ length: COLUMNS }, (_, c) => value(c));
const sum = (values: readonly number[]): number => values.reduce((total, v) => total + v, 0);

/** Arrays in the backend's memory, by name; float64 ones take two float32 places a number. */
function arrays<Name extends string>(call: WasmCall, singles: Record<Name, ArrayLike<number>>, doubles: Record<string, ArrayLike<number>>) {
  const place = (values: ArrayLike<number>, double: boolean) => {
    const info = call.memory.allocate([values.length * (double ? 2 : 1)], 'float32');
    const at = call.memory.address(info);
    const view = (): Float32Array | Float64Array => {
      const { buffer } = call.memory.float32(info);
      return double ? new Float64Array(buffer, at, values.length) : new Float32Array(buffer, at, values.length);
    };
    view().set(values);
    return { info, at, view };
  };
  const placed = new Map<string, ReturnType<typeof place>>();
  for (const [name, values] of Object.entries<ArrayLike<number>>(singles)) placed.set(name, place(values, false));
  for (const [name, values] of Object.entries(doubles)) placed.set(name, place(values, true));
  return {
    at: (name: string): number => placed.get(name)!.at,
    read: (name: string): number[] => [...placed.get(name)!.view()],
    release: (): void => placed.forEach(({ info }) => call.memory.release(info)),
  };
}

it('sums columns, their squared distances and products in double precision, on top of what was there', () => {
  const call = new WasmCall({}, {}, tf.backend());
  // A large common part shows whether single precision was used.
  const [x, dy] = [numbers(ROWS * COLUMNS, 3).map((v) => v + 1000), numbers(ROWS * COLUMNS, 4)];
  const means = each((c) => sum(column(x, c)) / ROWS);
  const before = each((c) => 10 * c);
  const memory = arrays(call, { x, dy }, { means, sums: before, squares: before, dySums: before, products: before });
  const { at } = memory;
  call.simd.columnSums(at('x'), ROWS, COLUMNS, at('sums'));
  call.simd.columnSquares(at('x'), ROWS, COLUMNS, at('means'), at('squares'));
  call.simd.columnProducts(at('dy'), at('x'), ROWS, COLUMNS, at('means'), at('dySums'), at('products'));
  const centred = (c: number): number[] => column(x, c).map((v) => v - means[c]!);
  expectClose(
    memory.read('sums'),
    each((c) => 10 * c + sum(column(x, c))),
    1e-14,
  );
  expectClose(
    memory.read('squares'),
    each((c) => 10 * c + sum(centred(c).map((v) => v * v))),
    1e-13,
  );
  expectClose(
    memory.read('dySums'),
    each((c) => 10 * c + sum(column(dy, c))),
    1e-14,
  );
  expectClose(
    memory.read('products'),
    each((c) => 10 * c + sum(centred(c).map((v, r) => v * column(dy, c)[r]!))),
    1e-13,
  );
  memory.release();
});

it('normalises columns and their gradient', () => {
  const call = new WasmCall({}, {}, tf.backend());
  const table = (seed: number): Float32Array => numbers(ROWS * COLUMNS, seed);
  const row = (seed: number): Float32Array => numbers(COLUMNS, seed);
  const [x, dy] = [table(1), table(2)];
  const [mean, factor, offset, curve, shift, slope] = [3, 4, 5, 6, 7, 8].map(row) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const out = new Float32Array(ROWS * COLUMNS);
  const memory = arrays(call, { x, dy, mean, factor, offset, curve, shift, slope, y: out, dx: out }, {});
  const { at } = memory;
  call.simd.normaliseColumns(at('x'), ROWS, COLUMNS, at('mean'), at('factor'), at('offset'), at('y'));
  call.simd.normaliseColumnsGradient(at('dy'), at('x'), ROWS, COLUMNS, at('mean'), at('curve'), at('shift'), at('slope'), at('dx'));
  const c = (i: number): number => i % COLUMNS;
  expectClose(
    memory.read('y'),
    Array.from(x, (v, i) => (v - mean[c(i)]!) * factor[c(i)]! + offset[c(i)]!),
    1e-6,
  );
  expectClose(
    memory.read('dx'),
    Array.from(x, (v, i) => (dy[i]! - shift[c(i)]! - (v - mean[c(i)]!) * curve[c(i)]!) * slope[c(i)]!),
    1e-6,
  );
  memory.release();
});

it('does nothing for no rows', () => {
  const call = new WasmCall({}, {}, tf.backend());
  const memory = arrays(call, { x: new Float32Array(4) }, { sums: [1, 2, 3, 4] });
  call.simd.columnSums(memory.at('x'), 0, 4, memory.at('sums'));
  expect(memory.read('sums')).toEqual([1, 2, 3, 4]);
  memory.release();
});
