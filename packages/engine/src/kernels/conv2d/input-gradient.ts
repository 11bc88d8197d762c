import * as tf from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { multiplyMatrices } from '../matmul/matmul.js';
import { transposeMatrix } from '../transpose/transpose.js';
import { setWasmKernel, sizeOf, type WasmCall } from '../wasm-kernel.js';
import { chunkSize, geometry, type Geometry } from './geometry.js';
import { fold } from './patches.js';

/** Stride 1: a convolution of dy with the filter turned by 180 degrees, input and output channels swapped. */
function byConvolution(call: WasmCall, dy: TensorInfo, filter: TensorInfo, g: Geometry): TensorInfo {
  const { memory } = call;
  const { filterHeight: height, filterWidth: width, inChannels, outChannels } = g;
  const turned = memory.allocate([height, width, outChannels, inChannels], 'float32');
  const [from, to] = [memory.float32(filter), memory.float32(turned)];
  const tap = inChannels * outChannels;
  for (let i = 0; i < height * width; i++) {
    transposeMatrix(from, i * tap, inChannels, outChannels, to, (height * width - 1 - i) * tap);
  }
  const bottom = g.inHeight + height - 1 - g.outHeight - (height - 1 - g.top);
  const right = g.inWidth + width - 1 - g.outWidth - (width - 1 - g.left);
  const pad = [
    [0, 0],
    [height - 1 - g.top, bottom],
    [width - 1 - g.left, right],
    [0, 0],
  ];
  const attrs = { strides: [1, 1], dilations: [1, 1], pad, dataFormat: 'NHWC', dimRoundingMode: 'floor' };
  const output = call.run(tf.Conv2D, { x: dy, filter: turned }, attrs as unknown as WasmCall['attrs']);
  memory.release(turned);
  return output;
}

/** Any stride: patches of the gradient by a matrix product, added to where they came from. */
function byFolding(call: WasmCall, dy: TensorInfo, filter: TensorInfo, g: Geometry): TensorInfo {
  const { memory } = call;
  const patchSize = g.filterHeight * g.filterWidth * g.inChannels;
  const perImage = g.outHeight * g.outWidth;
  const output = memory.allocate([g.batch, g.inHeight, g.inWidth, g.inChannels], 'float32');
  const weights = memory.allocate([g.outChannels, patchSize], 'float32');
  transposeMatrix(memory.float32(filter), 0, patchSize, g.outChannels, memory.float32(weights), 0);
  memory.float32(output).fill(0);
  const chunk = chunkSize(g);
  for (let first = 0; first < g.batch; first += chunk) {
    const count = Math.min(chunk, g.batch - first);
    const positions = count * perImage;
    const upstream = memory.allocate([positions, g.outChannels], 'float32');
    const from = first * perImage * g.outChannels;
    memory.float32(upstream).set(memory.float32(dy).subarray(from, from + positions * g.outChannels));
    const patches = multiplyMatrices(call, upstream, weights);
    fold(memory.float32(patches), g, first, count, memory.float32(output));
    memory.release(patches);
    memory.release(upstream);
  }
  memory.release(weights);
  return output;
}

/** Conv2DBackpropInput: the backend has one, written as plain loops and some ten times slower than this. */
export function installInputGradient(): void {
  setWasmKernel(tf.Conv2DBackpropInput, (call) => {
    const { inputs, attrs, memory } = call;
    const dy = inputs['dy']!;
    const filter = inputs['filter']!;
    const inputShape = attrs['inputShape'] as number[];
    if (sizeOf(inputShape) === 0 || sizeOf(dy.shape) === 0) {
      const output = memory.allocate(inputShape, 'float32');
      memory.float32(output).fill(0);
      return output;
    }
    const g = geometry(inputShape, filter.shape, attrs, false);
    const dense = g.strideHeight === 1 && g.strideWidth === 1 && g.dilationHeight === 1 && g.dilationWidth === 1;
    const fits = g.top < g.filterHeight && g.left < g.filterWidth && g.outHeight >= g.top && g.outWidth >= g.left;
    return dense && fits ? byConvolution(call, dy, filter, g) : byFolding(call, dy, filter, g);
  });
}
