import * as tf from '@tensorflow/tfjs-core';
import { copyBox } from '../box/box.js';
import { extendWasmKernel, sizeOf } from '../wasm-kernel.js';

/** Padding of float32 tensors by rows; the backend walks element by element. */
export function installPad(): void {
  extendWasmKernel(tf.PadV2, (call, original) => {
    const { inputs, attrs, memory } = call;
    const x = inputs['x']!;
    if (x.dtype !== 'float32' || x.shape.length === 0 || sizeOf(x.shape) === 0) return original();
    const paddings = attrs['paddings'] as unknown as [number, number][];
    const output = memory.allocate(
      x.shape.map((n, axis) => paddings[axis]![0] + n + paddings[axis]![1]),
      'float32',
    );
    memory.float32(output).fill(attrs['constantValue'] as number);
    copyBox(
      call,
      'into',
      x,
      output,
      paddings.map(([before]) => before),
    );
    return output;
  });
}
