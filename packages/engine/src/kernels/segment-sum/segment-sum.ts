import * as tf from '@tensorflow/tfjs-core';
import { setWasmKernel, sizeOf } from '../wasm-kernel.js';

/** out[segments[i]] += x[i] over rows; a segment outside the range is dropped, as TensorFlow does. */
export function segmentSum(x: Float32Array, segments: Int32Array, count: number, out: Float32Array): void {
  const row = x.length / segments.length;
  out.fill(0);
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i]!;
    if (segment < 0 || segment >= count) continue;
    for (let j = 0; j < row; j++) out[segment * row + j]! += x[i * row + j]!;
  }
}

/** UnsortedSegmentSum, the gradient of a gather (embeddings), which the wasm backend lacks. */
export function installSegmentSum(): void {
  setWasmKernel(tf.UnsortedSegmentSum, ({ inputs, attrs, memory }) => {
    const x = inputs['x']!;
    const segments = inputs['segmentIds']!;
    const count = attrs['numSegments'] as number;
    const output = memory.allocate([count, ...x.shape.slice(segments.shape.length)], 'float32');
    if (sizeOf(x.shape) === 0) memory.float32(output).fill(0);
    else segmentSum(memory.float32(x), memory.int32(segments), count, memory.float32(output));
    return output;
  });
}
