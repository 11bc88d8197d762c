import * as tf from '@tensorflow/tfjs-core';
import { copyBox } from '../box/box.js';
import { extendWasmKernel, sizeOf } from '../wasm-kernel.js';

/** Slices of float32 tensors by rows; the backend walks element by element. */
export function installSlice(): void {
  extendWasmKernel(tf.Slice, (call, original) => {
    const { inputs, attrs, memory } = call;
    const x = inputs['x']!;
    if (x.dtype !== 'float32' || x.shape.length === 0) return original();
    const like = { shape: x.shape, rank: x.shape.length } as tf.Tensor;
    const [begin, size] = tf.slice_util.parseSliceParams(like, attrs['begin'] as number | number[], attrs['size'] as number | number[]) as [
      number[],
      number[],
    ];
    tf.slice_util.assertParamsValid(like, begin, size);
    if (sizeOf(size) === 0) return original();
    const output = memory.allocate(size, 'float32');
    copyBox(call, 'out of', output, x, begin);
    return output;
  });
}
