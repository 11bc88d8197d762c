import * as tf from '@tensorflow/tfjs-core';
import { extendWasmKernel } from '../wasm-kernel.js';

/** out[i, indices[i]] = on, everything else off; an index outside the depth gives a row of off. */
export function oneHot(indices: Int32Array, depth: number, on: number, off: number, out: Float32Array): void {
  out.fill(off);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (index >= 0 && index < depth) out[i * depth + index] = on;
  }
}

/**
 * One-hot of type float32. The backend writes the integers' bits into it: 1 becomes 1.4e-45, so that
 * labels vanish without an error.
 */
export function installOneHot(): void {
  extendWasmKernel(tf.OneHot, ({ inputs, attrs, memory }, original) => {
    const indices = inputs['indices']!;
    if (attrs['dtype'] !== 'float32' || indices.dtype !== 'int32') return original();
    const depth = attrs['depth'] as number;
    const output = memory.allocate([...indices.shape, depth], 'float32');
    oneHot(memory.int32(indices), depth, attrs['onValue'] as number, attrs['offValue'] as number, memory.float32(output));
    return output;
  });
}
