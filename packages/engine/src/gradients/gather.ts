import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { replaceGradient } from './replace.js';
import { zeroLike } from './zero.js';

const product = (shape: readonly number[]): number => shape.reduce((total, n) => total * n, 1);

/** dy added to the rows it was gathered from, for x [batch, n, rest] and indices [batch, k]. */
function addRows(dy: Tensor, indices: Tensor, batch: number, n: number, rest: number): Tensor {
  const k = indices.size / batch;
  const own = tf.reshape(indices, [batch, k]);
  const rows = batch === 1 ? own : tf.add(own, tf.mul(tf.reshape(tf.range(0, batch, 1, 'int32'), [batch, 1]), tf.scalar(n, 'int32')));
  return tf.unsortedSegmentSum(tf.reshape(dy, [batch * k, rest]), tf.reshape(rows, [batch * k]) as Tensor1D, batch * n);
}

/**
 * The gradient of gather (embeddings). That of TensorFlow.js throws where the indices come from a differentiated tensor (an arg-max), goes
 * batch by batch where there are batch axes, and transposes twice where it need not.
 */
export function installGatherGradient(): void {
  replaceGradient({
    kernelName: tf.GatherV2,
    inputsToSave: ['x', 'indices'],
    gradFunc: (upstream, saved, attrs) => {
      const dy = upstream as Tensor;
      const [x, indices] = saved as [Tensor, Tensor];
      const axis = tf.util.parseAxisParam(attrs['axis'] as number, x.shape)[0]!;
      const batchDims = (attrs['batchDims'] as number | undefined) ?? 0;
      const batch = product(x.shape.slice(0, batchDims));
      const between = product(x.shape.slice(batchDims, axis));
      const n = x.shape[axis]!;
      const inner = product(x.shape.slice(axis + 1));
      const k = indices.size / batch;
      return {
        x: () => {
          if (between === 1) return tf.reshape(addRows(dy, indices, batch, n, inner), x.shape);
          // Axes between the batch and the gathered one ride along behind it.
          const moved = tf.transpose(tf.reshape(dy, [batch, between, k, inner]), [0, 2, 1, 3]);
          const gradient = addRows(moved, indices, batch, n, between * inner);
          return tf.reshape(tf.transpose(tf.reshape(gradient, [batch, n, between, inner]), [0, 2, 1, 3]), x.shape);
        },
        indices: () => zeroLike(indices),
      };
    },
  });
}
