import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { setWasmKernel, sizeOf, type WasmCall } from '../wasm-kernel.js';
import { geometry, type Geometry } from './geometry.js';
import { windowTable, windows, withBorder } from './windows.js';

/** dW[run] += windows(run)^T dy, run after run and chunk after chunk of the positions. */
function accumulateFilter(call: WasmCall, x: TensorInfo, dy: TensorInfo, g: Geometry, output: TensorInfo): void {
  const { memory, simd } = call;
  const w = windows(g);
  const { outChannels } = g;
  const images = withBorder(call, x, w);
  const starts = windowTable(call, g, w);
  const packed = memory.allocate([w.chunk, outChannels], 'float32');
  const [imagesAt, startsAt, dyAt, packedAt, outputAt] = [images, starts, dy, packed, output].map((info) => memory.address(info)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  for (let first = 0; first < w.positions; first += w.chunk) {
    const count = Math.min(w.chunk, w.positions - first);
    simd.packPanels(dyAt + 4 * first * outChannels, 4 * outChannels, 4, count, outChannels, packedAt);
    w.runs.forEach((offset, run) => {
      const to = outputAt + 4 * run * w.runLength * outChannels;
      simd.productByColumns(imagesAt + offset, startsAt + 4 * first, count, w.runLength, packedAt, outChannels, to, 1);
    });
  }
  for (const info of [starts, packed]) memory.release(info);
  if (images !== x) memory.release(images);
}

/**
 * Filter gradients of convolutions. The wasm backend has none in 2-D, and adds to memory it has not cleared in 3-D.
 */
export function installFilterGradients(): void {
  for (const kernelName of [tf.Conv2DBackpropFilter, tf.Conv3DBackpropFilterV2]) {
    setWasmKernel(kernelName, (call) => {
      const { inputs, attrs, memory } = call;
      const [x, dy] = [inputs['x']!, inputs['dy']!];
      const filterShape = attrs['filterShape'] as number[];
      const g = geometry(x.shape, filterShape, attrs);
      const output = memory.allocate(filterShape, 'float32');
      memory.float32(output).fill(0);
      if (sizeOf(x.shape) * sizeOf(dy.shape) * sizeOf(filterShape) > 0) accumulateFilter(call, x, dy, g, output);
      return output;
    });
  }
}
