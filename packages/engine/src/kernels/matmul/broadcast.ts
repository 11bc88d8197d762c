import * as tf from '@tensorflow/tfjs-core';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { hostMemory } from '../../backend/host.js';
import { replaceKernel } from '../../backend/register.js';
import { sizeOf } from '../wasm-kernel.js';

/** A matrix in an array: where it begins, and the steps from row to row and from column to column. */
interface Matrix {
  readonly values: Float32Array;
  readonly at: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** out[m, p] = a[m, k] b[k, p], summed in double precision. */
function multiplyMatrices(a: Matrix, b: Matrix, out: Float32Array, m: number, k: number, p: number): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < p; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) {
        sum += a.values[a.at + i * a.rowStep + l * a.columnStep]! * b.values[b.at + l * b.rowStep + j * b.columnStep]!;
      }
      out[i * p + j] = sum;
    }
  }
}

/** Which matrix of an operand of that shape takes part in product n of a batch: axes of length 1 are repeated. */
export function matrixIndex(n: number, batch: readonly number[], shape: readonly number[]): number {
  let at = 0;
  let stride = 1;
  for (let axis = batch.length - 1, own = shape.length - 3; own >= 0; axis--, own--) {
    const i = n % batch[axis]!;
    n = Math.floor(n / batch[axis]!);
    if (shape[own] !== 1) at += i * stride;
    stride *= shape[own]!;
  }
  return at;
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
      const batch = tf.broadcast_util.assertAndGetBroadcastShape(...batches);
      const [rows, columns] = a.shape.slice(-2) as [number, number];
      const [m, k] = transposeA === true ? [columns, rows] : [rows, columns];
      const p = b.shape.at(transposeB === true ? -2 : -1)!;
      const output = memory.allocate([...batch, m, p], 'float32');
      const out = memory.float32(output);
      const [aSteps, bSteps] = [transposeA === true ? [1, m] : [k, 1], transposeB === true ? [1, k] : [p, 1]] as [number, number][];
      const matrix = (values: Float32Array, at: number, [rowStep, columnStep]: [number, number]): Matrix => ({
        values,
        at,
        rowStep,
        columnStep,
      });
      for (let n = 0; n < sizeOf(batch); n++) {
        const left = matrix(memory.float32(a), matrixIndex(n, batch, a.shape) * m * k, aSteps!);
        const right = matrix(memory.float32(b), matrixIndex(n, batch, b.shape) * k * p, bSteps!);
        multiplyMatrices(left, right, out.subarray(n * m * p), m, k, p);
      }
      return output;
    }) as KernelFunc,
  });
}
