import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { rowTable } from '../convolution/windows.js';
import { extendWasmKernel, sizeOf, type WasmCall } from '../wasm-kernel.js';
import { matrixIndex } from './broadcast.js';

/** Numbers of the first operand to do at once: a quarter of a megabyte, which stays in a second-level cache. */
const CHUNK = 65_536;

interface Sizes {
  readonly m: number;
  readonly k: number;
  readonly p: number;
}

/** c[m, p] = a b at addresses: a [m, k], b [k, p] packed. The tables hold the offsets of the rows of a and c. */
function byRows(call: WasmCall, { m, k, p }: Sizes, a: number, b: number, c: number, tables: readonly [number, number, number]): void {
  const [rows, results, single] = tables;
  const chunk = 4 * Math.max(1, Math.floor(CHUNK / k / 4));
  for (let first = 0; first < m; first += chunk) {
    call.simd.productByRows(a, rows + 4 * first, Math.min(chunk, m - first), single, 1, k, b, p, c, results + 4 * first, 0);
  }
}

/**
 * A batch of matrix products, any operand transposed, batch axes broadcast. The second operand is packed once for as long as it stays the
 * same; a transposed first operand is read by columns.
 */
function multiply(call: WasmCall, a: TensorInfo, b: TensorInfo, transposeA: boolean, transposeB: boolean): TensorInfo {
  const { memory, simd } = call;
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const [rows, columns] = a.shape.slice(-2) as [number, number];
  const k = transposeA ? rows : columns;
  const p = b.shape.at(transposeB ? -2 : -1)!;
  // A batch of matrices times one matrix is one product.
  const isShared = !transposeA && sizeOf(b.shape) === k * p;
  const m = isShared ? sizeOf(a.shape) / k : transposeA ? columns : rows;
  const products = isShared ? 1 : sizeOf(batch);
  const output = memory.allocate([...batch, transposeA ? columns : rows, p], 'float32');
  const steps = rowTable(call, transposeA ? k : m, 4 * (transposeA ? m : k));
  const results = rowTable(call, m, 4 * p);
  const single = call.table([0]);
  const packed = memory.allocate([k, p], 'float32');
  const [aAt, bAt, outputAt, stepsAt, resultsAt, singleAt, packedAt] = [a, b, output, steps, results, single, packed].map((info) =>
    memory.address(info),
  ) as [number, number, number, number, number, number, number];
  let packedIndex = -1;
  for (let n = 0; n < products; n++) {
    const index = isShared ? 0 : matrixIndex(n, batch, b.shape);
    if (index !== packedIndex) simd.packPanels(bAt + 4 * index * k * p, transposeB ? 4 : 4 * p, transposeB ? 4 * k : 4, k, p, packedAt);
    packedIndex = index;
    const from = aAt + 4 * (isShared ? 0 : matrixIndex(n, batch, a.shape)) * m * k;
    const to = outputAt + 4 * n * m * p;
    if (transposeA) simd.productByColumns(from, stepsAt, k, m, packedAt, p, to, 0);
    else byRows(call, { m, k, p }, from, packedAt, to, [stepsAt, resultsAt, singleAt]);
  }
  for (const info of [steps, results, single, packed]) memory.release(info);
  return output;
}

/** Matrix products of float32, transposed or in batches: the backend is fast for two plain matrices only. */
export function installMatMul(): void {
  extendWasmKernel(tf.BatchMatMul, (call, original) => {
    const [a, b] = [call.inputs['a']!, call.inputs['b']!];
    if (a.dtype !== 'float32' || b.dtype !== 'float32' || sizeOf(a.shape) * sizeOf(b.shape) === 0) return original();
    const { transposeA, transposeB } = call.attrs as { transposeA?: boolean; transposeB?: boolean };
    return multiply(call, a, b, transposeA === true, transposeB === true);
  });
}
