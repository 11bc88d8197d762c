import * as tf from '@tensorflow/tfjs-core';
import { extendWasmKernel, sizeOf } from '../wasm-kernel.js';

type Operation = 'Add' | 'Sub' | 'Multiply' | 'RealDiv';

/**
 * How `small` broadcasts to `large`: small is [outer, 1, inner] where large is [outer, repeated,
 * inner]. Covers scalars, biases, one weight per row; nothing for other patterns.
 */
export function broadcastBlock(
  large: readonly number[],
  small: readonly number[],
): { outer: number; repeated: number; inner: number } | undefined {
  if (small.length > large.length) return undefined;
  const padded = [...Array.from({ length: large.length - small.length }, () => 1), ...small];
  const missing = large.flatMap((n, axis) => (padded[axis] === n ? [] : [axis]));
  if (missing.some((axis) => padded[axis] !== 1)) return undefined;
  const first = missing[0] ?? 0;
  const last = missing.at(-1) ?? -1;
  for (let axis = first; axis <= last; axis++) if (padded[axis] !== 1) return undefined;
  return {
    outer: sizeOf(large.slice(0, first)),
    repeated: sizeOf(large.slice(first, last + 1)),
    inner: sizeOf(large.slice(last + 1)),
  };
}

/** out[i] = large[i] (op) value over a range; `flipped` puts the value first. */
function withScalar(op: Operation, flipped: boolean, x: Float32Array, value: number, out: Float32Array, from: number, to: number): void {
  if (op === 'Add') for (let i = from; i < to; i++) out[i] = x[i]! + value;
  else if (op === 'Multiply') for (let i = from; i < to; i++) out[i] = x[i]! * value;
  else if (op === 'Sub' && !flipped) for (let i = from; i < to; i++) out[i] = x[i]! - value;
  else if (op === 'Sub') for (let i = from; i < to; i++) out[i] = value - x[i]!;
  else if (!flipped) for (let i = from; i < to; i++) out[i] = x[i]! / value;
  else for (let i = from; i < to; i++) out[i] = value / x[i]!;
}

/** out[from + i] = large[from + i] (op) small[at + i] for n numbers. */
function withRow(
  op: Operation,
  flipped: boolean,
  x: Float32Array,
  row: Float32Array,
  at: number,
  out: Float32Array,
  from: number,
  n: number,
): void {
  if (op === 'Add') for (let i = 0; i < n; i++) out[from + i] = x[from + i]! + row[at + i]!;
  else if (op === 'Multiply') for (let i = 0; i < n; i++) out[from + i] = x[from + i]! * row[at + i]!;
  else if (op === 'Sub' && !flipped) for (let i = 0; i < n; i++) out[from + i] = x[from + i]! - row[at + i]!;
  else if (op === 'Sub') for (let i = 0; i < n; i++) out[from + i] = row[at + i]! - x[from + i]!;
  else if (!flipped) for (let i = 0; i < n; i++) out[from + i] = x[from + i]! / row[at + i]!;
  else for (let i = 0; i < n; i++) out[from + i] = row[at + i]! / x[from + i]!;
}

/** Sums, products, differences and quotients of which one side broadcasts, several times faster than the backend's. */
export function installArithmetic(): void {
  for (const op of [tf.Add, tf.Sub, tf.Multiply, tf.RealDiv] as Operation[]) {
    extendWasmKernel(op, ({ inputs, memory }, original) => {
      const a = inputs['a']!;
      const b = inputs['b']!;
      const flipped = sizeOf(a.shape) < sizeOf(b.shape);
      const [large, small] = flipped ? [b, a] : [a, b];
      const size = sizeOf(large.shape);
      if (a.dtype !== 'float32' || b.dtype !== 'float32' || size === sizeOf(small.shape) || size === 0) return original();
      const block = broadcastBlock(large.shape, small.shape);
      if (block === undefined) return original();
      const output = memory.allocate(large.shape, 'float32');
      const [x, s, out] = [large, small, output].map((info) => memory.float32(info)) as [Float32Array, Float32Array, Float32Array];
      const { outer, repeated, inner } = block;
      if (inner === 1) {
        for (let o = 0; o < outer; o++) withScalar(op, flipped, x, s[o]!, out, o * repeated, (o + 1) * repeated);
      } else {
        for (let o = 0, at = 0; o < outer; o++) {
          for (let r = 0; r < repeated; r++, at += inner) withRow(op, flipped, x, s, o * inner, out, at, inner);
        }
      }
      return output;
    });
  }
}
