import * as tf from '@tensorflow/tfjs-core';
import { geometry, validRange, type Geometry } from '../conv2d/geometry.js';
import { setWasmKernel } from '../wasm-kernel.js';

/**
 * Visits every pair of an output position and a filter tap that meet inside the image, with the
 * offsets of their first channels in x, dy and the filter.
 */
function visit(g: Geometry, at: (x: number, dy: number, filter: number) => void): void {
  const { inChannels, outChannels } = g;
  for (let kh = 0; kh < g.filterHeight; kh++) {
    for (let kw = 0; kw < g.filterWidth; kw++) {
      const filter = (kh * g.filterWidth + kw) * outChannels;
      const column = kw * g.dilationWidth - g.left;
      const [from, to] = validRange(column, g.strideWidth, g.inWidth, g.outWidth);
      for (let image = 0; image < g.batch; image++) {
        for (let row = 0; row < g.outHeight; row++) {
          const inRow = row * g.strideHeight + kh * g.dilationHeight - g.top;
          if (inRow < 0 || inRow >= g.inHeight) continue;
          const source = ((image * g.inHeight + inRow) * g.inWidth + column) * inChannels;
          const target = (image * g.outHeight + row) * g.outWidth * outChannels;
          for (let i = from; i < to; i++) at(source + i * g.strideWidth * inChannels, target + i * outChannels, filter);
        }
      }
    }
  }
}

/** df[kh, kw, c, m] = sum of x[..., c] dy[..., c m] over the positions where the tap meets the image. */
export function depthwiseFilterGradient(x: Float32Array, dy: Float32Array, g: Geometry, df: Float32Array): void {
  const multiplier = g.outChannels / g.inChannels;
  const sums = new Float64Array(df.length);
  visit(g, (source, upstream, filter) => {
    for (let c = 0, o = 0; c < g.inChannels; c++) {
      for (let m = 0; m < multiplier; m++, o++) sums[filter + o]! += x[source + c]! * dy[upstream + o]!;
    }
  });
  df.set(sums);
}

/** dx[..., c] = sum over taps and m of filter[kh, kw, c, m] dy[..., c m]. */
export function depthwiseInputGradient(dy: Float32Array, filter: Float32Array, g: Geometry, dx: Float32Array): void {
  const multiplier = g.outChannels / g.inChannels;
  dx.fill(0);
  visit(g, (target, upstream, tap) => {
    for (let c = 0, o = 0; c < g.inChannels; c++) {
      for (let m = 0; m < multiplier; m++, o++) dx[target + c]! += filter[tap + o]! * dy[upstream + o]!;
    }
  });
}

/** Both gradients of the depthwise convolution, which the wasm backend lacks. */
export function installDepthwiseGradients(): void {
  setWasmKernel(tf.DepthwiseConv2dNativeBackpropFilter, ({ inputs, attrs, memory }) => {
    const x = inputs['x']!;
    const filterShape = attrs['filterShape'] as number[];
    const g = geometry(x.shape, filterShape, attrs, true);
    const output = memory.allocate(filterShape, 'float32');
    depthwiseFilterGradient(memory.float32(x), memory.float32(inputs['dy']!), g, memory.float32(output));
    return output;
  });
  setWasmKernel(tf.DepthwiseConv2dNativeBackpropInput, ({ inputs, attrs, memory }) => {
    const filter = inputs['filter']!;
    const inputShape = attrs['inputShape'] as number[];
    const g = geometry(inputShape, filter.shape, attrs, true);
    const output = memory.allocate(inputShape, 'float32');
    depthwiseInputGradient(memory.float32(inputs['dy']!), memory.float32(filter), g, memory.float32(output));
    return output;
  });
}
