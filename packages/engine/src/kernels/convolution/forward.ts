import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { extendWasmKernel, sizeOf, type WasmCall } from '../wasm-kernel.js';
import { geometry, type Geometry } from './geometry.js';
import { rowTable, windowTable, windows, withBorder } from './windows.js';

/** y[position] = window(position) W, a product that reads the windows where they lie. */
function convolve(call: WasmCall, x: TensorInfo, filter: TensorInfo, g: Geometry): TensorInfo {
  const { memory, simd } = call;
  const w = windows(g);
  const { outChannels } = g;
  const patch = w.runs.length * w.runLength;
  const output = memory.allocate([g.batch, ...g.axes.map(({ out }) => out), outChannels], 'float32');
  const images = withBorder(call, x, w);
  const starts = windowTable(call, g, w);
  const results = rowTable(call, w.positions, 4 * outChannels);
  const runs = call.table(w.runs);
  const packed = memory.allocate([patch, outChannels], 'float32');
  const [imagesAt, startsAt, runsAt, packedAt, outputAt, resultsAt] = [images, starts, runs, packed, output, results].map((info) =>
    memory.address(info),
  ) as [number, number, number, number, number, number];
  simd.packPanels(memory.address(filter), 4 * outChannels, 4, patch, outChannels, packedAt);
  for (let first = 0; first < w.positions; first += w.chunk) {
    const count = Math.min(w.chunk, w.positions - first);
    const [from, to] = [startsAt + 4 * first, resultsAt + 4 * first];
    simd.productByRows(imagesAt, from, count, runsAt, w.runs.length, w.runLength, packedAt, outChannels, outputAt, to, 0);
  }
  for (const info of [starts, results, runs, packed]) memory.release(info);
  if (images !== x) memory.release(images);
  return output;
}

/** 2-D and 3-D convolutions of float32 images. */
export function installConvolutions(): void {
  for (const kernelName of [tf.Conv2D, tf.Conv3D]) {
    extendWasmKernel(kernelName, (call, original) => {
      const [x, filter] = [call.inputs['x']!, call.inputs['filter']!];
      if (x.dtype !== 'float32' || filter.dtype !== 'float32' || sizeOf(x.shape) * sizeOf(filter.shape) === 0) return original();
      const g = geometry(x.shape, filter.shape, call.attrs);
      return g.axes.some(({ out }) => out === 0) ? original() : convolve(call, x, filter, g);
    });
  }
}
