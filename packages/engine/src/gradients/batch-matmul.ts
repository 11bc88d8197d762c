import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { replaceGradient } from './replace.js';

/** Sums what broadcasting repeated, back to `shape`. */
export function sumToShape(x: Tensor, shape: readonly number[]): Tensor {
  const axes = tf.broadcast_util.getReductionAxes([...shape], x.shape);
  const summed = axes.length === 0 ? x : tf.sum(x, axes);
  return tf.util.arraysEqual(summed.shape, [...shape]) ? summed : tf.reshape(summed, [...shape]);
}

/** The last two axes. */
function matrix(x: Tensor): [number, number] {
  return [x.shape.at(-2)!, x.shape.at(-1)!];
}

function isSharedMatrix(x: Tensor): boolean {
  return x.shape.slice(0, -2).every((n) => n === 1);
}

/**
 * The gradient of the batched matrix product, also where batch axes broadcast: what the product
 * repeated, the gradient sums. A batch times one shared matrix (the layer of a sequence model) is
 * done as two plain 2-D products, without a batch of gradients in between.
 */
export function installBatchMatMulGradient(): void {
  replaceGradient({
    kernelName: tf.BatchMatMul,
    inputsToSave: ['a', 'b'],
    gradFunc: (upstream, saved, attrs) => {
      const dy = upstream as Tensor;
      const [a, b] = saved as [Tensor, Tensor];
      const { transposeA, transposeB } = attrs as { transposeA?: boolean; transposeB?: boolean };
      if (!transposeA && isSharedMatrix(b)) {
        const rowsOf = (x: Tensor): Tensor => tf.reshape(x, [x.size / x.shape.at(-1)!, x.shape.at(-1)!]);
        const shared = tf.reshape(b, matrix(b));
        return {
          a: () => tf.reshape(tf.matMul(rowsOf(dy), shared, false, !transposeB), a.shape),
          b: () =>
            tf.reshape(transposeB ? tf.matMul(rowsOf(dy), rowsOf(a), true, false) : tf.matMul(rowsOf(a), rowsOf(dy), true, false), b.shape),
        };
      }
      const da = (): Tensor => (transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB));
      const db = (): Tensor => (transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false));
      return { a: () => sumToShape(da(), a.shape), b: () => sumToShape(db(), b.shape) };
    },
  });
}
