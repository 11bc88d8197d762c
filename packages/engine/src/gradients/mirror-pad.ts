import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { replaceGradient } from './replace.js';

/** The part [begin, begin + size) of an axis. */
function part(x: Tensor, axis: number, begin: number, size: number): Tensor {
  const from = x.shape.map((_, i) => (i === axis ? begin : 0));
  return tf.slice(
    x,
    from,
    x.shape.map((n, i) => (i === axis ? size : n)),
  );
}

/** x with zeros before and behind along an axis. */
function surround(x: Tensor, axis: number, before: number, behind: number): Tensor {
  return tf.pad(
    x,
    x.shape.map((_, i) => (i === axis ? [before, behind] : [0, 0]) as [number, number]),
  );
}

/** Turns the mirrored borders of an axis back onto what they show; `edge` is 1 where the border leaves the edge itself out. */
function foldAxis(dy: Tensor, axis: number, [before, behind]: readonly [number, number], edge: number): Tensor {
  const n = dy.shape[axis]! - before - behind;
  const parts = [part(dy, axis, before, n)];
  if (before > 0) parts.push(surround(tf.reverse(part(dy, axis, 0, before), axis), axis, edge, n - before - edge));
  if (behind > 0) parts.push(surround(tf.reverse(part(dy, axis, before + n, behind), axis), axis, n - behind - edge, edge));
  return parts.length === 1 ? parts[0]! : tf.addN(parts);
}

/** The gradient of a mirrored padding: TensorFlow.js drops the border's, which belongs to the entries that were mirrored. */
export function installMirrorPadGradient(): void {
  replaceGradient({
    kernelName: tf.MirrorPad,
    gradFunc: (dy, _saved, attrs) => {
      const paddings = attrs['paddings'] as unknown as [number, number][];
      const edge = attrs['mode'] === 'reflect' ? 1 : 0;
      return {
        x: () => paddings.reduce((gradient, padding, axis) => foldAxis(gradient, axis, padding, edge), dy as Tensor),
      };
    },
  });
}
