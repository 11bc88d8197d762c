import * as tf from '@tensorflow/tfjs-core';
import { extendWasmKernel } from '../wasm-kernel.js';

const BLOCK = 16;

/** out[columns, rows] = x[rows, columns] transposed, in blocks that fit the cache. */
export function transposeMatrix(x: Float32Array, xAt: number, rows: number, columns: number, out: Float32Array, outAt: number): void {
  for (let rowBlock = 0; rowBlock < rows; rowBlock += BLOCK) {
    const rowEnd = Math.min(rows, rowBlock + BLOCK);
    for (let columnBlock = 0; columnBlock < columns; columnBlock += BLOCK) {
      const columnEnd = Math.min(columns, columnBlock + BLOCK);
      for (let column = columnBlock; column < columnEnd; column++) {
        const to = outAt + column * rows;
        for (let row = rowBlock; row < rowEnd; row++) out[to + row] = x[xAt + row * columns + column]!;
      }
    }
  }
}

/**
 * Drops axes of length 1 and joins axes that stay together, so that most transpositions become a
 * batch of matrix transpositions.
 */
export function collapse(shape: readonly number[], perm: readonly number[]): { shape: number[]; perm: number[] } {
  const runs: number[][] = [];
  for (const axis of perm) {
    if (shape[axis] === 1) continue;
    const last = runs.at(-1);
    // Axes of length 1 between two others do not separate them.
    const previous = last?.at(-1);
    const adjacent = previous !== undefined && axis > previous && shape.slice(previous + 1, axis).every((n) => n === 1);
    if (adjacent) last!.push(axis);
    else runs.push([axis]);
  }
  const inOrder = [...runs].sort((a, b) => a[0]! - b[0]!);
  return {
    shape: inOrder.map((run) => run.reduce((product, axis) => product * shape[axis]!, 1)),
    perm: runs.map((run) => inOrder.indexOf(run)),
  };
}

/** Writes x, of that shape, with its axes permuted. */
export function transposeInto(x: Float32Array, shape: readonly number[], perm: readonly number[], out: Float32Array): void {
  const merged = collapse(shape, perm);
  const rank = merged.shape.length;
  if (rank < 2) {
    out.set(x);
    return;
  }
  const order = merged.perm.join();
  if (order === '1,0' || order === '0,2,1') {
    const batch = rank === 2 ? 1 : merged.shape[0]!;
    const [rows, columns] = merged.shape.slice(-2) as [number, number];
    for (let b = 0; b < batch; b++) transposeMatrix(x, b * rows * columns, rows, columns, out, b * rows * columns);
    return;
  }
  const strides = tf.util.computeStrides(merged.shape);
  const lengths = merged.perm.map((axis) => merged.shape[axis]!);
  const steps = merged.perm.map((axis) => (axis === rank - 1 ? 1 : strides[axis]!));
  const inner = lengths[rank - 1]!;
  const step = steps[rank - 1]!;
  const index = new Int32Array(rank - 1);
  let from = 0;
  for (let at = 0; at < out.length;) {
    for (let i = 0, source = from; i < inner; i++, source += step) out[at++] = x[source]!;
    for (let axis = rank - 2; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < lengths[axis]!) break;
      from -= steps[axis]! * lengths[axis]!;
      index[axis] = 0;
    }
  }
}

/** Transposition of float32 tensors, an order of magnitude faster than the backend's own. */
export function installTranspose(): void {
  extendWasmKernel(tf.Transpose, ({ inputs, attrs, memory }, original) => {
    const x = inputs['x']!;
    if (x.dtype !== 'float32' || x.shape.includes(0)) return original();
    const perm = attrs['perm'] as number[];
    const output = memory.allocate(
      perm.map((axis) => x.shape[axis]!),
      'float32',
    );
    transposeInto(memory.float32(x), x.shape, perm, memory.float32(output));
    return output;
  });
}
