import type { TensorInfo } from '@tensorflow/tfjs-core';
import { OPERATION_NAMES, type Operation } from '../simd/elementwise.js';
import { broadcastName } from '../simd/simd.js';
import { extendWasmKernel, sizeOf, type WasmCall } from '../wasm-kernel.js';

/** A tensor as [outer, repeated, inner]. */
interface Block {
  readonly outer: number;
  readonly repeated: number;
  readonly inner: number;
}

/**
 * How `small` broadcasts to `large`: small is [outer, 1, inner] where large is [outer, repeated,
 * inner]. Covers scalars, biases, one weight per row; nothing for other patterns.
 */
export function broadcastBlock(large: readonly number[], small: readonly number[]): Block | undefined {
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

const ONE_BY_ONE: Readonly<Record<Operation, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Multiply: (a, b) => a * b,
  RealDiv: (a, b) => a / b,
  Maximum: Math.max,
  Minimum: Math.min,
};

interface Operands {
  readonly op: Operation;
  readonly large: TensorInfo;
  readonly small: TensorInfo;
  /** Whether the small one is the first operand. */
  readonly flipped: boolean;
}

/** out = large (op) small, in vectors; what a row has beyond a multiple of four, one by one. */
function combine({ memory, simd }: WasmCall, { op, large, small, flipped }: Operands, block: Block, output: TensorInfo): void {
  const { outer, repeated, inner } = block;
  const single = inner === 1;
  const [rows, row] = single ? [1, repeated] : [repeated, inner];
  const [largeAt, smallAt, outputAt] = [large, small, output].map((info) => memory.address(info)) as [number, number, number];
  const run = simd[broadcastName(op, flipped, single)];
  const fours = row - (row % 4);
  if (fours === row) {
    for (let o = 0, at = 0; o < outer; o++, at += 4 * rows * row) run(largeAt + at, smallAt + 4 * o * inner, rows, row, outputAt + at);
    return;
  }
  const [x, s, out] = [large, small, output].map((info) => memory.float32(info)) as [Float32Array, Float32Array, Float32Array];
  const one = ONE_BY_ONE[op];
  for (let o = 0, at = 0; o < outer; o++) {
    for (let r = 0; r < rows; r++, at += row) {
      if (fours > 0) run(largeAt + 4 * at, smallAt + 4 * o * inner, 1, fours, outputAt + 4 * at);
      for (let i = fours; i < row; i++) {
        const other = s[o * inner + (single ? 0 : i)]!;
        out[at + i] = flipped ? one(other, x[at + i]!) : one(x[at + i]!, other);
      }
    }
  }
}

/**
 * Sums, products, differences, quotients and extrema of float32 tensors of which one side broadcasts, and extrema of equal shapes, several
 * times faster than the backend's.
 */
export function installArithmetic(): void {
  for (const op of OPERATION_NAMES) {
    const isExtremum = op === 'Maximum' || op === 'Minimum';
    extendWasmKernel(op, (call, original) => {
      const [a, b] = [call.inputs['a']!, call.inputs['b']!];
      if (a.dtype !== 'float32' || b.dtype !== 'float32') return original();
      const flipped = sizeOf(a.shape) < sizeOf(b.shape);
      const [large, small] = flipped ? [b, a] : [a, b];
      const size = sizeOf(large.shape);
      if (size === 0 || (size === sizeOf(small.shape) && !isExtremum)) return original();
      const block = broadcastBlock(large.shape, small.shape);
      if (block === undefined) return original();
      const output = call.memory.allocate(large.shape, 'float32');
      combine(call, { op, large, small, flipped }, block, output);
      return output;
    });
  }
}
