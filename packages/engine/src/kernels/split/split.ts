import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { copyBox } from '../box/box.js';
import { extendWasmKernel, sizeOf } from '../wasm-kernel.js';

/** Splits of float32 tensors by rows; the backend walks element by element. */
export function installSplit(): void {
  extendWasmKernel<TensorInfo[]>(tf.SplitV, (call, original) => {
    const { inputs, attrs, memory } = call;
    const x = inputs['x']!;
    if (x.dtype !== 'float32' || sizeOf(x.shape) === 0) return original();
    const axis = tf.util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
    const like = { shape: x.shape, rank: x.shape.length } as tf.Tensor;
    const sizes = tf.backend_util.prepareSplitSize(like, attrs['numOrSizeSplits'] as number | number[], axis);
    const shapes = sizes.map((size) => x.shape.map((n, i) => (i === axis ? size : n)));
    const outputs = shapes.map((shape) => memory.allocate(shape, 'float32'));
    let first = 0;
    outputs.forEach((output, part) => {
      copyBox(
        call,
        'out of',
        output,
        x,
        x.shape.map((_, i) => (i === axis ? first : 0)),
      );
      first += sizes[part]!;
    });
    return outputs;
  });
}
