import * as tf from '@tensorflow/tfjs-core';
import { multiplyMatrices } from '../matmul/matmul.js';
import { setWasmKernel, sizeOf } from '../wasm-kernel.js';
import { chunkSize, geometry } from './geometry.js';
import { unfold } from './patches.js';

/**
 * Conv2DBackpropFilter, which the wasm backend lacks: dW = patches(x) dy, a matrix product per chunk
 * of the batch.
 */
export function installFilterGradient(): void {
  setWasmKernel(tf.Conv2DBackpropFilter, (call) => {
    const { inputs, attrs, memory } = call;
    const x = inputs['x']!;
    const dy = inputs['dy']!;
    const filterShape = attrs['filterShape'] as number[];
    const g = geometry(x.shape, filterShape, attrs, false);
    const output = memory.allocate(filterShape, 'float32');
    memory.float32(output).fill(0);
    if (sizeOf(x.shape) === 0 || sizeOf(dy.shape) === 0) return output;
    const patchSize = g.filterHeight * g.filterWidth * g.inChannels;
    const perImage = g.outHeight * g.outWidth;
    const chunk = chunkSize(g);
    for (let first = 0; first < g.batch; first += chunk) {
      const count = Math.min(chunk, g.batch - first);
      const positions = count * perImage;
      const patches = memory.allocate([patchSize, positions], 'float32');
      const upstream = memory.allocate([positions, g.outChannels], 'float32');
      const from = first * perImage * g.outChannels;
      unfold(memory.float32(x), g, first, count, memory.float32(patches));
      memory.float32(upstream).set(memory.float32(dy).subarray(from, from + positions * g.outChannels));
      const part = multiplyMatrices(call, patches, upstream);
      const [sum, addend] = [memory.float32(output), memory.float32(part)];
      for (let i = 0; i < sum.length; i++) sum[i]! += addend[i]!;
      for (const info of [patches, upstream, part]) memory.release(info);
    }
    return output;
  });
}
