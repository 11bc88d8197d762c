import type { TensorInfo } from '@tensorflow/tfjs-core';
import { extendWasmKernel, type WasmCall } from '../wasm-kernel.js';

/** Numbers that are swept once for every four channels: they stay in the first-level cache. */
const CHUNK = 4096;

/** Calls `sweep` for chunks of [rows, channels] with their first number's offset in bytes and their rows. */
function inChunks(rows: number, channels: number, sweep: (offset: number, rows: number) => void): void {
  const chunk = Math.max(1, Math.floor(CHUNK / channels));
  for (let first = 0; first < rows; first += chunk) sweep(4 * first * channels, Math.min(chunk, rows - first));
}

/** `count` arrays of one number a channel: float64 sums (zero at first), float32 factors. */
function channelArrays(call: WasmCall, channels: number, doubles: number, singles: number) {
  const info = call.memory.allocate([channels * (2 * doubles + singles)], 'float32');
  const address = call.memory.address(info);
  const { buffer } = call.memory.float32(info);
  const float64 = Array.from({ length: doubles }, (_, i) => new Float64Array(buffer, address + 8 * i * channels, channels).fill(0));
  const after = address + 8 * doubles * channels;
  const float32 = Array.from({ length: singles }, (_, i) => new Float32Array(buffer, after + 4 * i * channels, channels));
  return { info, float64, float32 };
}

/** y, mean and biased variance of x [.., channels] over its rows; sums in double precision. */
function normalise(call: WasmCall): TensorInfo[] {
  const { inputs, attrs, memory, simd } = call;
  const [x, scale, offset] = [inputs['x']!, inputs['scale']!, inputs['offset']!];
  const channels = scale.shape[0]!;
  const outputs = [x.shape, [channels], [channels]].map((shape) => memory.allocate(shape, 'float32'));
  const [y, mean, variance] = outputs as [TensorInfo, TensorInfo, TensorInfo];
  const { info, float64, float32 } = channelArrays(call, channels, 2, 1);
  const [means, squares] = float64 as [Float64Array, Float64Array];
  const factor = float32[0]!;
  const [from, to] = [memory.address(x), memory.address(y)];
  const rows = memory.float32(x).length / channels;
  inChunks(rows, channels, (at, count) => simd.columnSums(from + at, count, channels, means.byteOffset));
  for (let c = 0; c < channels; c++) means[c]! /= rows;
  inChunks(rows, channels, (at, count) => simd.columnSquares(from + at, count, channels, means.byteOffset, squares.byteOffset));
  const [meanOut, varianceOut, factors] = [mean, variance, scale].map((part) => memory.float32(part)) as Float32Array[];
  for (let c = 0; c < channels; c++) {
    meanOut![c] = means[c]!;
    varianceOut![c] = squares[c]! / rows;
    factor[c] = factors![c]! / Math.sqrt(squares[c]! / rows + (attrs['epsilon'] as number));
  }
  const [meanAt, offsetAt] = [memory.address(mean), memory.address(offset)];
  inChunks(rows, channels, (at, count) => simd.normaliseColumns(from + at, count, channels, meanAt, factor.byteOffset, offsetAt, to + at));
  memory.release(info);
  return outputs;
}

/**
 * With x^ = (x - mean) / sqrt(variance + epsilon): d offset = sum dy; d scale = sum dy x^;
 * dx = scale / sqrt(variance + epsilon) (dy - d offset / N - x^ d scale / N).
 */
function normaliseGradient(call: WasmCall): TensorInfo[] {
  const { inputs, attrs, memory, simd } = call;
  const [dy, x, scale] = [inputs['dy']!, inputs['x']!, inputs['scale']!];
  const [mean, variance] = [inputs['saved0']!, inputs['saved1']!];
  const channels = scale.shape[0]!;
  const outputs = [x.shape, [channels], [channels]].map((shape) => memory.allocate(shape, 'float32'));
  const [dx, dScale, dOffset] = outputs as [TensorInfo, TensorInfo, TensorInfo];
  const { info, float64, float32 } = channelArrays(call, channels, 3, 3);
  const [means, sums, products] = float64 as [Float64Array, Float64Array, Float64Array];
  const [curve, shift, slope] = float32 as [Float32Array, Float32Array, Float32Array];
  means.set(memory.float32(mean));
  const [dyAt, xAt, dxAt, meanAt] = [dy, x, dx, mean].map((part) => memory.address(part)) as [number, number, number, number];
  const rows = memory.float32(x).length / channels;
  inChunks(rows, channels, (at, count) =>
    simd.columnProducts(dyAt + at, xAt + at, count, channels, means.byteOffset, sums.byteOffset, products.byteOffset),
  );
  const [factors, variances, scaleOut, offsetOut] = [scale, variance, dScale, dOffset].map((part) =>
    memory.float32(part),
  ) as Float32Array[];
  for (let c = 0; c < channels; c++) {
    const inverse = 1 / Math.sqrt(variances![c]! + (attrs['epsilon'] as number));
    offsetOut![c] = sums[c]!;
    scaleOut![c] = products[c]! * inverse;
    slope[c] = factors![c]! * inverse;
    shift[c] = sums[c]! / rows;
    curve[c] = (products[c]! * inverse * inverse) / rows;
  }
  const factorsAt = [curve, shift, slope].map((part) => part.byteOffset) as [number, number, number];
  inChunks(rows, channels, (at, count) =>
    simd.normaliseColumnsGradient(dyAt + at, xAt + at, count, channels, meanAt, ...factorsAt, dxAt + at),
  );
  memory.release(info);
  return outputs;
}

/** The kernels of `batchNormTraining` with vectors, for a number of channels that is a multiple of four. */
export function installBatchNorm(): void {
  const kernels = { BatchNormTraining: normalise, BatchNormTrainingGrad: normaliseGradient };
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    extendWasmKernel<TensorInfo[]>(kernelName, (call, original) => (call.inputs['scale']!.shape[0]! % 4 === 0 ? kernel(call) : original()));
  }
}
