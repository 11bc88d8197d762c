import * as tf from '@tensorflow/tfjs-core';
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { hostMemory, type HostMemory } from '../../backend/host.js';
import { replaceKernel } from '../../backend/register.js';
import { transposeMatrix } from '../transpose/transpose.js';
import { extendWasmKernel, reshaped, sizeOf, type WasmCall } from '../wasm-kernel.js';

/** out[m, p] = a[m, k] b[p, k]^T at offsets of the three arrays: products of rows, four at a time. */
export function multiplyRows(
  a: Float32Array,
  aAt: number,
  b: Float32Array,
  bAt: number,
  out: Float32Array,
  outAt: number,
  m: number,
  k: number,
  p: number,
): void {
  const blocked = p - (p % 4);
  for (let i = 0; i < m; i++) {
    const row = aAt + i * k;
    let to = outAt + i * p;
    let column = bAt;
    for (let j = 0; j < blocked; j += 4, column += 4 * k) {
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let l = 0; l < k; l++) {
        const value = a[row + l]!;
        const at = column + l;
        s0 += value * b[at]!;
        s1 += value * b[at + k]!;
        s2 += value * b[at + 2 * k]!;
        s3 += value * b[at + 3 * k]!;
      }
      out[to++] = s0;
      out[to++] = s1;
      out[to++] = s2;
      out[to++] = s3;
    }
    for (let j = blocked; j < p; j++, column += k) {
      let sum = 0;
      for (let l = 0; l < k; l++) sum += a[row + l]! * b[column + l]!;
      out[to++] = sum;
    }
  }
}

/** The last two axes swapped, in new memory. */
function transposed(memory: HostMemory, info: TensorInfo): TensorInfo {
  const [rows, columns] = info.shape.slice(-2) as [number, number];
  const output = memory.allocate([...info.shape.slice(0, -2), columns, rows], 'float32');
  const [from, to] = [memory.float32(info), memory.float32(output)];
  for (let at = 0; at < from.length; at += rows * columns) transposeMatrix(from, at, rows, columns, to, at);
  return output;
}

/** A product of two plain matrices by the backend's fast path (XNNPACK). */
export function multiplyMatrices(call: WasmCall, a: TensorInfo, b: TensorInfo): TensorInfo {
  return call.run(tf.BatchMatMul, { a, b }, { transposeA: false, transposeB: false });
}

/** A batch of products a[.., m, k] b[.., p, k]^T, with broadcast batch axes, as loops: XNNPACK has none. */
function multiplyBatches(memory: HostMemory, a: TensorInfo, b: TensorInfo): TensorInfo {
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const [m, k] = a.shape.slice(-2) as [number, number];
  const p = b.shape.at(-2)!;
  const output = memory.allocate([...batch, m, p], 'float32');
  const [left, right, out] = [a, b, output].map((info) => memory.float32(info)) as [Float32Array, Float32Array, Float32Array];
  const count = sizeOf(batch);
  const index = (n: number, shape: readonly number[]): number => {
    let at = 0;
    let stride = 1;
    for (let axis = batch.length - 1, own = shape.length - 3; own >= 0; axis--, own--) {
      const i = n % batch[axis]!;
      n = Math.floor(n / batch[axis]!);
      if (shape[own] !== 1) at += i * stride;
      stride *= shape[own]!;
    }
    return at;
  };
  for (let n = 0; n < count; n++) {
    multiplyRows(left, index(n, a.shape) * m * k, right, index(n, b.shape) * k * p, out, n * m * p, m, k, p);
  }
  return output;
}

/**
 * Batches of which some axes broadcast ([2, 1, m, k] by [2, 3, k, p]) on the cpu backend, which pairs
 * their matrices wrongly.
 */
export function installBroadcastMatMul(): void {
  const config = tf.getKernel(tf.BatchMatMul, 'cpu');
  if (config === undefined) return;
  replaceKernel({
    ...config,
    kernelFunc: ((call) => {
      const [a, b] = [call.inputs['a']!, call.inputs['b']!];
      const batches = [a, b].map((info) => info.shape.slice(0, -2)) as [number[], number[]];
      const simple = tf.util.arraysEqual(...batches) || batches.some((shape) => sizeOf(shape) === 1);
      if (simple) return config.kernelFunc(call);
      const memory = hostMemory('cpu', call.backend);
      const { transposeA, transposeB } = call.attrs as { transposeA?: boolean; transposeB?: boolean };
      const left = transposeA === true ? transposed(memory, a) : a;
      const right = transposeB === true ? b : transposed(memory, b);
      const output = multiplyBatches(memory, left, right);
      if (left !== a) memory.release(left);
      if (right !== b) memory.release(right);
      return output;
    }) as KernelFunc,
  });
}

/**
 * Matrix products on wasm. The backend is fast for two plain matrices only; a transposed operand (every
 * gradient of a dense layer) or a batch (attention) takes a path some ten times slower. Here operands
 * are transposed first, a batch times one matrix becomes a plain product, and other batches are loops.
 */
export function installMatMul(): void {
  extendWasmKernel(tf.BatchMatMul, (call, original) => {
    const { inputs, attrs, memory } = call;
    const a = inputs['a']!;
    const b = inputs['b']!;
    const aIsMatrix = sizeOf(a.shape.slice(0, -2)) === 1;
    const bIsMatrix = sizeOf(b.shape.slice(0, -2)) === 1;
    const { transposeA, transposeB } = attrs as { transposeA?: boolean; transposeB?: boolean };
    const plain = transposeA !== true && transposeB !== true && aIsMatrix && bIsMatrix;
    if (plain || a.dtype !== 'float32' || b.dtype !== 'float32' || sizeOf(a.shape) * sizeOf(b.shape) === 0) return original();

    const left = transposeA === true ? transposed(memory, a) : a;
    // Loops want the second operand by columns, XNNPACK by rows.
    const byRows = transposeB !== true;
    const right = byRows === bIsMatrix ? b : transposed(memory, b);
    const m = left.shape.at(-2)!;
    const k = left.shape.at(-1)!;
    const p = b.shape.at(byRows ? -1 : -2)!;
    let output: TensorInfo;
    if (bIsMatrix) {
      const rows = sizeOf(left.shape) / k;
      const product = multiplyMatrices(call, reshaped(left, [rows, k]), reshaped(right, [k, p]));
      const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
      output = reshaped(product, [...batch, m, p]);
    } else {
      output = multiplyBatches(memory, left, right);
    }
    if (left !== a) memory.release(left);
    if (right !== b) memory.release(right);
    return output;
  });
}
