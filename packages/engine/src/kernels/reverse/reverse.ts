import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { extendWasmKernel, sizeOf, type WasmCall } from '../wasm-kernel.js';

/** x [outer, n, inner] with its middle axis turned around, in new memory. */
function reversed({ memory, simd }: WasmCall, x: TensorInfo, axis: number): TensorInfo {
  const [outer, n, row] = [sizeOf(x.shape.slice(0, axis)), x.shape[axis]!, 4 * sizeOf(x.shape.slice(axis + 1))];
  const output = memory.allocate(x.shape, 'float32');
  const [from, to] = [memory.address(x), memory.address(output)];
  for (let o = 0; o < outer; o++) simd.copyRows(from + (o * n + n - 1) * row, -row, to + o * n * row, row, row, n);
  return output;
}

/** Reversal of float32 tensors by rows, axis by axis; the backend walks element by element. */
export function installReverse(): void {
  extendWasmKernel(tf.Reverse, (call, original) => {
    const x = call.inputs['x']!;
    const axes = tf.util.parseAxisParam(call.attrs['dims'] as number | number[], x.shape).filter((axis) => x.shape[axis]! > 1);
    if (x.dtype !== 'float32' || axes.length === 0 || sizeOf(x.shape) === 0) return original();
    return axes.reduce((so, axis) => {
      const next = reversed(call, so, axis);
      if (so !== x) call.memory.release(so);
      return next;
    }, x);
  });
}
