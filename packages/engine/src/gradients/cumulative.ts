import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { replaceGradient } from './replace.js';

interface Cumulative {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

/** x as [rows, n] with the axes last, and the way back. */
function asRows(x: Tensor, axes: readonly number[]): { readonly rows: Tensor; back(rows: Tensor): Tensor } {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const n = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  const moved = tf.transpose(x, order);
  const undo = order.map((_, axis) => order.indexOf(axis));
  return { rows: tf.reshape(moved, [x.size / n, n]), back: (rows) => tf.transpose(tf.reshape(rows, moved.shape), undo) };
}

/** An [n, n] mask of row and column indices; tf.eye would make it in JavaScript. */
function indexMask(n: number, test: (row: Tensor, column: Tensor) => Tensor): Tensor {
  const index = tf.range(0, n);
  return tf.cast(test(tf.reshape(index, [n, 1]), tf.reshape(index, [1, n])), 'float32');
}

/** The identity matrix. */
export function identity(n: number): Tensor {
  return indexMask(n, tf.equal);
}

/** The [n, n] mask of the outputs (columns) that an entry (row) takes part in. */
function reach(n: number, exclusive: boolean, reverse: boolean): Tensor {
  const compare = exclusive ? tf.less : tf.lessEqual;
  return indexMask(n, (entry, output) => (reverse ? compare(output, entry) : compare(entry, output)));
}

/**
 * dx[i] = sum over j of dy[j] times the product of the others: the cumulative product with entry i taken as one. It holds where entries are
 * zero, too, and takes memory for n numbers an entry.
 */
function cumulativeProductGradient(dy: Tensor, x: Tensor, { axis, exclusive, reverse }: Cumulative): Tensor {
  const { rows, back } = asRows(x, [axis]);
  const n = rows.shape[1]!;
  const own = tf.expandDims(identity(n), 0);
  // [rows, i, k]: row by row, entry i replaced by one.
  const without = tf.add(tf.mul(tf.expandDims(rows, 1), tf.sub(1, own)), own);
  const others = tf.mul(tf.cumprod(without, 2, exclusive, reverse), tf.expandDims(reach(n, exclusive, reverse), 0));
  return back(tf.sum(tf.mul(others, tf.expandDims(asRows(dy, [axis]).rows, 1)), 2));
}

/**
 * Cumulative sums and products, and the product over axes. In TensorFlow.js the gradient of cumsum has its axes in a wrong order unless
 * the last one is summed, cumprod has no gradient, and that of prod throws for an axis counted from the end.
 */
export function installCumulativeGradients(): void {
  replaceGradient({
    kernelName: tf.Cumsum,
    gradFunc: (dy, _saved, attrs) => {
      const { axis, exclusive, reverse } = attrs as unknown as Cumulative;
      return { x: () => tf.cumsum(dy as Tensor, axis, exclusive, !reverse) };
    },
  });
  replaceGradient({
    kernelName: tf.Cumprod,
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attrs) => ({
      x: () => cumulativeProductGradient(dy as Tensor, saved[0]!, attrs as unknown as Cumulative),
    }),
  });
  replaceGradient({
    kernelName: tf.Prod,
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attrs) => {
      const x = saved[0]!;
      return {
        x: () => {
          const { rows, back } = asRows(x, tf.util.parseAxisParam(attrs['axis'] as number | number[], x.shape));
          // The product of all others: of those before times of those behind.
          const others = tf.mul(tf.cumprod(rows, 1, true, false), tf.cumprod(rows, 1, true, true));
          return back(tf.mul(others, tf.reshape(dy as Tensor, [rows.shape[0]!, 1])));
        },
      };
    },
  });
}
