import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf, type WasmCall } from '../wasm-kernel.js';

/**
 * Copies between a box and the larger array it lies in, both float32 and row-major: `out of` the array for a slice, `into` it for
 * padding. Axes that the box takes whole are joined to its rows, and rows go by the thousand.
 *
 * @param begin where the box begins in the array, per axis.
 */
export function copyBox(call: WasmCall, direction: 'into' | 'out of', box: TensorInfo, array: TensorInfo, begin: readonly number[]): void {
  if (sizeOf(box.shape) === 0) return;
  const { memory, simd } = call;
  const rank = box.shape.length;
  const strides = [...tf.util.computeStrides(array.shape), 1].slice(0, rank);
  let axis = rank - 1;
  while (axis > 0 && box.shape[axis] === array.shape[axis]) axis--;
  const row = 4 * box.shape[axis]! * strides[axis]!;
  const rows = axis > 0 ? box.shape[axis - 1]! : 1;
  const step = axis > 0 ? 4 * strides[axis - 1]! : row;
  const outer = box.shape.slice(0, Math.max(0, axis - 1));
  const index = new Int32Array(outer.length);
  let at = memory.address(array) + 4 * begin.reduce((sum, start, i) => sum + start * strides[i]!, 0);
  let boxAt = memory.address(box);
  for (let block = 0; block < sizeOf(outer); block++, boxAt += rows * row) {
    if (direction === 'into') simd.copyRows(boxAt, row, at, step, row, rows);
    else simd.copyRows(at, step, boxAt, row, row, rows);
    for (let i = outer.length - 1; i >= 0; i--) {
      at += 4 * strides[i]!;
      if (++index[i]! < outer[i]!) break;
      at -= 4 * strides[i]! * outer[i]!;
      index[i] = 0;
    }
  }
}
