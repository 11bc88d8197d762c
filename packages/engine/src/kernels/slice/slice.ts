import * as tf from '@tensorflow/tfjs-core';
import { extendWasmKernel, sizeOf } from '../wasm-kernel.js';

/** Copies the box [begin, begin + size) of x, of that shape, row by row. */
export function sliceInto(
  x: Float32Array,
  shape: readonly number[],
  begin: readonly number[],
  size: readonly number[],
  out: Float32Array,
): void {
  const strides = [...tf.util.computeStrides([...shape]), 1].slice(0, shape.length);
  // Axes that are taken whole join the row.
  let axis = shape.length - 1;
  while (axis > 0 && size[axis] === shape[axis]) axis--;
  const row = size[axis]! * strides[axis]!;
  const index = new Int32Array(Math.max(axis, 1));
  let from = begin.reduce((at, start, i) => at + start * strides[i]!, 0);
  for (let to = 0; to < out.length; to += row) {
    if (row < 32) for (let i = 0; i < row; i++) out[to + i] = x[from + i]!;
    else out.set(x.subarray(from, from + row), to);
    for (let outer = axis - 1; outer >= 0; outer--) {
      from += strides[outer]!;
      if (++index[outer]! < size[outer]!) break;
      from -= strides[outer]! * size[outer]!;
      index[outer] = 0;
    }
  }
}

/** Slices of float32 tensors by rows; the backend walks element by element. */
export function installSlice(): void {
  extendWasmKernel(tf.Slice, ({ inputs, attrs, memory }, original) => {
    const x = inputs['x']!;
    if (x.dtype !== 'float32' || x.shape.length === 0) return original();
    const [begin, size] = tf.slice_util.parseSliceParams(
      { shape: x.shape, rank: x.shape.length } as tf.Tensor,
      attrs['begin'] as number | number[],
      attrs['size'] as number | number[],
    ) as [number[], number[]];
    tf.slice_util.assertParamsValid({ shape: x.shape, rank: x.shape.length } as tf.Tensor, begin, size);
    if (sizeOf(size) === 0) return original();
    const output = memory.allocate(size, 'float32');
    sliceInto(memory.float32(x), x.shape, begin, size, memory.float32(output));
    return output;
  });
}
