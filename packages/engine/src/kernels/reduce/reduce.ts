import * as tf from '@tensorflow/tfjs-core';
import { extendWasmKernel, sizeOf } from '../wasm-kernel.js';

/** The shape seen as [outer, reduced, inner], or nothing when the reduced axes are not neighbours. */
export function reducedBlock(shape: readonly number[], axes: readonly number[]): [number, number, number] | undefined {
  const real = axes.filter((axis) => shape[axis] !== 1).sort((a, b) => a - b);
  const first = real[0];
  const last = real.at(-1);
  if (first === undefined || last === undefined) return [sizeOf(shape), 1, 1];
  for (let axis = first; axis <= last; axis++) if (shape[axis] !== 1 && !real.includes(axis)) return undefined;
  return [sizeOf(shape.slice(0, first)), sizeOf(shape.slice(first, last + 1)), sizeOf(shape.slice(last + 1))];
}

/** out[outer, inner] = scale * sum over the middle axis, in double precision. */
export function sumBlock(x: Float32Array, block: readonly [number, number, number], scale: number, out: Float32Array): void {
  const [outer, reduced, inner] = block;
  if (inner === 1) {
    for (let o = 0, at = 0; o < outer; o++) {
      let sum = 0;
      for (let r = 0; r < reduced; r++) sum += x[at++]!;
      out[o] = sum * scale;
    }
    return;
  }
  const sums = new Float64Array(inner);
  for (let o = 0, at = 0; o < outer; o++) {
    sums.fill(0);
    for (let r = 0; r < reduced; r++) for (let i = 0; i < inner; i++) sums[i]! += x[at++]!;
    for (let i = 0; i < inner; i++) out[o * inner + i] = sums[i]! * scale;
  }
}

/** Sum and mean over neighbouring axes, without the transposition the backend does first. */
export function installReductions(): void {
  for (const kernelName of [tf.Sum, tf.Mean]) {
    extendWasmKernel(kernelName, ({ inputs, attrs, memory }, original) => {
      const x = inputs['x']!;
      const axes = tf.util.parseAxisParam(attrs['axis'] as number | number[], x.shape);
      const block = x.dtype === 'float32' && !x.shape.includes(0) ? reducedBlock(x.shape, axes) : undefined;
      if (block === undefined) return original();
      const kept = attrs['keepDims'] === true;
      const shape = x.shape.flatMap((n, axis) => (axes.includes(axis) ? (kept ? [1] : []) : [n]));
      const output = memory.allocate(shape, 'float32');
      sumBlock(memory.float32(x), block, kernelName === tf.Mean ? 1 / block[1] : 1, memory.float32(output));
      return output;
    });
  }
}
