import * as tf from '@tensorflow/tfjs-core';
import { extendWasmKernel, sizeOf } from '../wasm-kernel.js';

/** Repeats x, of that shape, along each axis; from the innermost axis out, by copying blocks. */
export function tileInto(x: Float32Array, shape: readonly number[], repeats: readonly number[], out: Float32Array): void {
  let current = x;
  let block = 1;
  const repeated = repeats.flatMap((n, axis) => (n > 1 ? [axis] : []));
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    block *= shape[axis]!;
    const times = repeats[axis]!;
    if (times === 1) continue;
    const outer = sizeOf(shape.slice(0, axis));
    const next = axis === repeated[0] ? out : new Float32Array(outer * block * times);
    for (let o = 0, to = 0; o < outer; o++) {
      if (block === 1) {
        next.fill(current[o]!, to, to + times);
        to += times;
        continue;
      }
      const piece = current.subarray(o * block, (o + 1) * block);
      for (let t = 0; t < times; t++, to += block) next.set(piece, to);
    }
    block *= times;
    current = next;
  }
  if (repeated.length === 0) out.set(x);
}

/** Tile, and so broadcastTo, of float32 tensors by block copies; the backend walks element by element. */
export function installTile(): void {
  extendWasmKernel(tf.Tile, ({ inputs, attrs, memory }, original) => {
    const x = inputs['x']!;
    const repeats = attrs['reps'] as number[];
    if (x.dtype !== 'float32' || repeats.length !== x.shape.length || x.shape.includes(0) || repeats.some((n) => n < 1)) {
      return original();
    }
    const output = memory.allocate(
      x.shape.map((n, axis) => n * repeats[axis]!),
      'float32',
    );
    tileInto(memory.float32(x), x.shape, repeats, memory.float32(output));
    return output;
  });
}
