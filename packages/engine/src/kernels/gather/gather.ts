import * as tf from '@tensorflow/tfjs-core';
import { extendWasmKernel, sizeOf } from '../wasm-kernel.js';

/**
 * out[b, o, j, :] = x[b, o, indices[b, j], :], for x [batch, outer, n, row] and indices [batch, k].
 *
 * @throws RangeError for an index outside [0, n).
 */
export function gatherRows(
  x: Float32Array,
  indices: Int32Array,
  [batch, outer, n, row]: readonly [number, number, number, number],
  out: Float32Array,
): void {
  const k = indices.length / batch;
  let to = 0;
  for (let b = 0; b < batch; b++) {
    for (let o = 0; o < outer; o++) {
      const base = (b * outer + o) * n;
      for (let j = 0; j < k; j++, to += row) {
        const index = indices[b * k + j]!;
        if (index < 0 || index >= n) throw new RangeError(`gather: index ${index} is not in [0, ${n})`);
        const from = (base + index) * row;
        if (row < 64) for (let i = 0; i < row; i++) out[to + i] = x[from + i]!;
        else out.set(x.subarray(from, from + row), to);
      }
    }
  }
}

/** Gather (embeddings) of float32 tensors by rows; the backend walks element by element. */
export function installGather(): void {
  extendWasmKernel(tf.GatherV2, ({ inputs, attrs, memory }, original) => {
    const [x, indices] = [inputs['x']!, inputs['indices']!];
    if (x.dtype !== 'float32' || indices.dtype !== 'int32' || sizeOf(x.shape) * sizeOf(indices.shape) === 0) return original();
    const axis = tf.util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
    const batchDims = (attrs['batchDims'] as number | undefined) ?? 0;
    const shape = [...x.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...x.shape.slice(axis + 1)];
    const output = memory.allocate(shape, 'float32');
    const sizes = [x.shape.slice(0, batchDims), x.shape.slice(batchDims, axis), [x.shape[axis]!], x.shape.slice(axis + 1)].map(sizeOf);
    try {
      gatherRows(memory.float32(x), memory.int32(indices), sizes as [number, number, number, number], memory.float32(output));
    } catch (error) {
      memory.release(output);
      throw error;
    }
    return output;
  });
}
