import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { copyBox } from '../box/box.js';
import { setWasmKernel, sizeOf, type WasmCall } from '../wasm-kernel.js';
import { geometry, type Geometry } from './geometry.js';
import { rowTable, windowTable, windows } from './windows.js';

/** dx[window(position)] += dy[position] W^T, run after run, added where the windows lie. */
function accumulateInput(call: WasmCall, dy: TensorInfo, filter: TensorInfo, g: Geometry): TensorInfo {
  const { memory, simd } = call;
  const w = windows(g);
  const { outChannels } = g;
  const bordered = memory.allocate(w.bordered, 'float32');
  const starts = windowTable(call, g, w);
  const rows = rowTable(call, w.positions, 4 * outChannels);
  const single = call.table([0]);
  const run = outChannels * w.runLength;
  const packed = memory.allocate([w.runs.length, run], 'float32');
  memory.float32(bordered).fill(0);
  const [dyAt, rowsAt, singleAt, packedAt, filterAt, startsAt, borderedAt] = [dy, rows, single, packed, filter, starts, bordered].map(
    (info) => memory.address(info),
  ) as [number, number, number, number, number, number, number];
  w.runs.forEach((_, i) => {
    simd.packPanels(filterAt + 4 * i * run, 4, 4 * outChannels, outChannels, w.runLength, packedAt + 4 * i * run);
  });
  for (let first = 0; first < w.positions; first += w.chunk) {
    const count = Math.min(w.chunk, w.positions - first);
    const [from, to] = [rowsAt + 4 * first, startsAt + 4 * first];
    w.runs.forEach((offset, i) => {
      const weights = packedAt + 4 * i * run;
      simd.productByRows(dyAt, from, count, singleAt, 1, outChannels, weights, w.runLength, borderedAt + offset, to, 1);
    });
  }
  for (const info of [starts, rows, single, packed]) memory.release(info);
  if (!w.hasBorder) return bordered;
  const output = memory.allocate([g.batch, ...g.axes.map(({ size }) => size), g.inChannels], 'float32');
  copyBox(call, 'out of', output, bordered, w.begin);
  memory.release(bordered);
  return output;
}

/** Input gradients of convolutions. The wasm backend has plain loops, which add to memory they have not cleared in 3-D. */
export function installInputGradients(): void {
  for (const kernelName of [tf.Conv2DBackpropInput, tf.Conv3DBackpropInputV2]) {
    setWasmKernel(kernelName, (call) => {
      const { inputs, attrs, memory } = call;
      const [dy, filter] = [inputs['dy']!, inputs['filter']!];
      const inputShape = attrs['inputShape'] as number[];
      if (sizeOf(inputShape) * sizeOf(dy.shape) === 0) {
        const output = memory.allocate(inputShape, 'float32');
        memory.float32(output).fill(0);
        return output;
      }
      return accumulateInput(call, dy, filter, geometry(inputShape, filter.shape, attrs));
    });
  }
}
