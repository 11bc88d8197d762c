import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { replaceGradient } from './replace.js';

interface StridedSlice {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

/** Puts the entries of `x` along `axis` at begin, begin + stride, ... of a zero tensor of that length. */
function scatterAxis(x: Tensor, axis: number, begin: number, stride: number, length: number): Tensor {
  const n = x.shape[axis]!;
  if (n === length && begin === 0 && stride === 1) return x;
  if (stride < 0) return scatterAxis(tf.reverse(x, axis), axis, begin + (n - 1) * stride, -stride, length);
  const outer = x.shape.slice(0, axis);
  const inner = x.shape.slice(axis + 1);
  // Each entry followed by stride - 1 zeros; the last one's zeros may reach beyond the end.
  const before = [outer.reduce((a, b) => a * b, 1), n, inner.reduce((a, b) => a * b, 1)] as [number, number, number];
  const cells = tf.reshape(x, [before[0], n, 1, before[2]]);
  const spaced = tf.reshape(
    tf.pad(cells, [
      [0, 0],
      [0, 0],
      [0, stride - 1],
      [0, 0],
    ]),
    [before[0], n * stride, before[2]],
  );
  const used = Math.min(n * stride, length - begin);
  const cut = used === n * stride ? spaced : tf.slice(spaced, [0, 0, 0], [before[0], used, before[2]]);
  const placed = tf.pad(cut, [
    [0, 0],
    [begin, length - begin - used],
    [0, 0],
  ]);
  return tf.reshape(placed, [...outer, length, ...inner]);
}

/** The gradient of a slice with strides, of which TensorFlow.js has none: zeros, with dy where the slice took from. */
export function installStridedSliceGradient(): void {
  replaceGradient({
    kernelName: tf.StridedSlice,
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attrs) => {
      const { shape } = saved[0]!;
      const { begin, end, strides, ...masks } = attrs as unknown as StridedSlice;
      const info = tf.slice_util.sliceInfo(
        shape,
        begin,
        end,
        strides,
        masks.beginMask,
        masks.endMask,
        masks.ellipsisMask,
        masks.newAxisMask,
        masks.shrinkAxisMask,
      );
      return {
        x: () => {
          const counts = shape.map((_, axis) => {
            const span = info.end[axis]! - info.begin[axis]!;
            return Math.max(0, Math.ceil(span / info.strides[axis]!));
          });
          if (counts.includes(0)) return tf.fill(shape, 0);
          let gradient = tf.reshape(dy as Tensor, counts);
          for (let axis = 0; axis < shape.length; axis++) {
            gradient = scatterAxis(gradient, axis, info.begin[axis]!, info.strides[axis]!, shape[axis]!);
          }
          return gradient;
        },
      };
    },
  });
}
