import * as tf from '@tensorflow/tfjs-core';
import { geometry, validRange, type Geometry, type SpatialAxis } from '../convolution/geometry.js';
import { setWasmKernel, type WasmCall } from '../wasm-kernel.js';

/** A filter tap over one output row: first offsets in x, dy and the filter, and how many positions meet the image. */
interface TapRow {
  readonly x: number;
  readonly dy: number;
  readonly filter: number;
  readonly count: number;
}

/** Visits every filter tap over every output row, where they meet the image. */
function forEachTapRow(g: Geometry, visit: (at: TapRow) => void): void {
  const { inChannels, outChannels } = g;
  const [height, width] = g.axes as [SpatialAxis, SpatialAxis];
  for (let kh = 0; kh < height.filter; kh++) {
    for (let kw = 0; kw < width.filter; kw++) {
      const filter = (kh * width.filter + kw) * outChannels;
      const column = kw * width.dilation - width.before;
      const [from, to] = validRange(column, width.stride, width.size, width.out);
      if (to <= from) continue;
      for (let image = 0; image < g.batch; image++) {
        for (let row = 0; row < height.out; row++) {
          const inRow = row * height.stride + kh * height.dilation - height.before;
          if (inRow < 0 || inRow >= height.size) continue;
          const x = ((image * height.size + inRow) * width.size + column + from * width.stride) * inChannels;
          const dy = ((image * height.out + row) * width.out + from) * outChannels;
          visit({ x, dy, filter, count: to - from });
        }
      }
    }
  }
}

/** df[kh, kw, c, m] = sum of x[..., c] dy[..., c m] over the positions where the tap meets the image. */
export function depthwiseFilterGradient(x: Float32Array, dy: Float32Array, g: Geometry, df: Float32Array): void {
  const { inChannels, outChannels } = g;
  const multiplier = outChannels / inChannels;
  const step = g.axes[1]!.stride * inChannels;
  const sums = new Float64Array(df.length);
  forEachTapRow(g, (at) => {
    for (let i = 0; i < at.count; i++) {
      const [source, upstream] = [at.x + i * step, at.dy + i * outChannels];
      for (let c = 0, o = 0; c < inChannels; c++) {
        for (let m = 0; m < multiplier; m++, o++) sums[at.filter + o]! += x[source + c]! * dy[upstream + o]!;
      }
    }
  });
  df.set(sums);
}

/** dx[..., c] = sum over taps and m of filter[kh, kw, c, m] dy[..., c m]. */
export function depthwiseInputGradient(dy: Float32Array, filter: Float32Array, g: Geometry, dx: Float32Array): void {
  const { inChannels, outChannels } = g;
  const multiplier = outChannels / inChannels;
  const step = g.axes[1]!.stride * inChannels;
  dx.fill(0);
  forEachTapRow(g, (at) => {
    for (let i = 0; i < at.count; i++) {
      const [target, upstream] = [at.x + i * step, at.dy + i * outChannels];
      for (let c = 0, o = 0; c < inChannels; c++) {
        for (let m = 0; m < multiplier; m++, o++) dx[target + c]! += filter[at.filter + o]! * dy[upstream + o]!;
      }
    }
  });
}

/** One filter a channel, channels in fours: vectors do. */
function isSimple({ inChannels, outChannels }: Geometry): boolean {
  return inChannels === outChannels && inChannels % 4 === 0;
}

function vectorFilterGradient({ memory, simd }: WasmCall, x: number, dy: number, g: Geometry, df: tf.TensorInfo): void {
  const { inChannels: channels } = g;
  const sums = memory.allocate([2 * memory.float32(df).length], 'float32');
  const sumsAt = memory.address(sums);
  memory.float32(sums).fill(0);
  const step = 4 * g.axes[1]!.stride * channels;
  forEachTapRow(g, (at) => simd.rowDots(x + 4 * at.x, step, dy + 4 * at.dy, 4 * channels, at.count, channels, sumsAt + 8 * at.filter));
  const gradient = memory.float32(df);
  gradient.set(new Float64Array(gradient.buffer, sumsAt, gradient.length));
  memory.release(sums);
}

/** Both gradients of the depthwise convolution, which the wasm backend lacks. */
export function installDepthwiseGradients(): void {
  setWasmKernel(tf.DepthwiseConv2dNativeBackpropFilter, (call) => {
    const { inputs, attrs, memory } = call;
    const [x, dy] = [inputs['x']!, inputs['dy']!];
    const filterShape = attrs['filterShape'] as number[];
    const g = geometry(x.shape, filterShape, attrs, true);
    const output = memory.allocate(filterShape, 'float32');
    if (isSimple(g)) vectorFilterGradient(call, memory.address(x), memory.address(dy), g, output);
    else depthwiseFilterGradient(memory.float32(x), memory.float32(dy), g, memory.float32(output));
    return output;
  });
  setWasmKernel(tf.DepthwiseConv2dNativeBackpropInput, ({ inputs, attrs, memory, simd }) => {
    const [dy, filter] = [inputs['dy']!, inputs['filter']!];
    const inputShape = attrs['inputShape'] as number[];
    const g = geometry(inputShape, filter.shape, attrs, true);
    const output = memory.allocate(inputShape, 'float32');
    if (!isSimple(g)) {
      depthwiseInputGradient(memory.float32(dy), memory.float32(filter), g, memory.float32(output));
      return output;
    }
    const channels = g.inChannels;
    const [dyAt, filterAt, outputAt] = [dy, filter, output].map((info) => memory.address(info)) as [number, number, number];
    const step = 4 * g.axes[1]!.stride * channels;
    memory.float32(output).fill(0);
    forEachTapRow(g, (at) =>
      simd.multiplyAddRows(dyAt + 4 * at.dy, 4 * channels, filterAt + 4 * at.filter, at.count, channels, outputAt + 4 * at.x, step),
    );
    return output;
  });
}
