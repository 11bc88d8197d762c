import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { extendWasmKernel, sizeOf, type WasmCall } from '../wasm-kernel.js';

/** The shape seen as [outer, reduced, inner], or nothing when the reduced axes are not neighbours. */
export function reducedBlock(shape: readonly number[], axes: readonly number[]): [number, number, number] | undefined {
  const real = axes.filter((axis) => shape[axis] !== 1).sort((a, b) => a - b);
  const first = real[0];
  const last = real.at(-1);
  if (first === undefined || last === undefined) return [sizeOf(shape), 1, 1];
  for (let axis = first; axis <= last; axis++) if (shape[axis] !== 1 && !real.includes(axis)) return undefined;
  return [sizeOf(shape.slice(0, first)), sizeOf(shape.slice(first, last + 1)), sizeOf(shape.slice(last + 1))];
}

/** Sums of columns of [rows, columns] at an address, in double precision: vectors for columns in fours, a loop for the rest. */
function columnSums(call: WasmCall, x: number, rows: number, columns: number, sums: Float64Array): void {
  sums.fill(0);
  if (columns % 4 === 0) {
    call.simd.columnSums(x, rows, columns, sums.byteOffset);
    return;
  }
  const values = new Float32Array(sums.buffer, x, rows * columns);
  for (let at = 0; at < values.length;) for (let c = 0; c < columns; c++) sums[c]! += values[at++]!;
}

/** Rows from this length on are summed by vectors. */
const LONG = 64;

/** Sum of the numbers of a row: four sums side by side, then those. */
function rowSum(call: WasmCall, x: number, length: number, four: Float64Array): number {
  const quads = Math.floor(length / 4);
  columnSums(call, x, quads, 4, four);
  let sum = four[0]! + four[1]! + (four[2]! + four[3]!);
  const rest = new Float32Array(four.buffer, x + 16 * quads, length - 4 * quads);
  for (const value of rest) sum += value;
  return sum;
}

/** out[outer, inner] = scale * sum over the middle axis, in double precision. */
function sumBlock(call: WasmCall, x: TensorInfo, block: readonly [number, number, number], scale: number, output: TensorInfo): void {
  const { memory } = call;
  const [outer, reduced, inner] = block;
  const scratch = memory.allocate([2 * Math.max(4, inner)], 'float32');
  const [at, out] = [memory.address(x), memory.float32(output)];
  const sums = new Float64Array(out.buffer, memory.address(scratch), Math.max(4, inner));
  if (inner === 1 && reduced < LONG) {
    const values = memory.float32(x);
    for (let o = 0, from = 0; o < outer; o++) {
      let sum = 0;
      for (let r = 0; r < reduced; r++) sum += values[from++]!;
      out[o] = sum * scale;
    }
  } else if (inner === 1) {
    for (let o = 0; o < outer; o++) out[o] = scale * rowSum(call, at + 4 * o * reduced, reduced, sums);
  } else {
    for (let o = 0; o < outer; o++) {
      columnSums(call, at + 4 * o * reduced * inner, reduced, inner, sums.subarray(0, inner));
      for (let i = 0; i < inner; i++) out[o * inner + i] = sums[i]! * scale;
    }
  }
  memory.release(scratch);
}

/** Sum and mean over neighbouring axes, without the transposition the backend does first. */
export function installReductions(): void {
  for (const kernelName of [tf.Sum, tf.Mean]) {
    extendWasmKernel(kernelName, (call, original) => {
      const { inputs, attrs, memory } = call;
      const x = inputs['x']!;
      const axes = tf.util.parseAxisParam(attrs['axis'] as number | number[], x.shape);
      const block = x.dtype === 'float32' && !x.shape.includes(0) ? reducedBlock(x.shape, axes) : undefined;
      if (block === undefined) return original();
      const kept = attrs['keepDims'] === true;
      const shape = x.shape.flatMap((n, axis) => (axes.includes(axis) ? (kept ? [1] : []) : [n]));
      const output = memory.allocate(shape, 'float32');
      sumBlock(call, x, block, kernelName === tf.Mean ? 1 / block[1] : 1, output);
      return output;
    });
  }
}
