import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { checkPair, checkShape, checkTriple, type Pair, type Triple } from '../layer/check.js';
import { pure, type Layer } from '../layer/layer.js';
import { checkPadding, resolvePadding, type Padding } from '../padding/padding.js';
import { NO_VARIABLES } from '../tree/tree.js';

export interface PoolOptions<S = Pair> {
  /** Size of the window. */
  readonly size: S;
  /** Default: the size. */
  readonly stride?: S;
  /** A number pads all sides, as PyTorch does; at most half the window. Default 0. */
  readonly padding?: Padding;
}

/** The most negative float32: loses against every number in a maximum. */
const LOWEST = -3.4028234663852886e38;

/**
 * Largest value of each window: [batch, height, width, channels] -> [batch, height', width', channels]. Padding never wins.
 *
 * @throws EQM_PLUGIN_FAULT on malformed options and when the window does not fit.
 */
export function maxPool2d(options: PoolOptions): Layer {
  return pool('maxPool2d', options, true, LOWEST, (x, size, stride, pad) => tf.maxPool(x, size, stride, pad));
}

/**
 * Mean of each window: [batch, height, width, channels] -> [batch, height', width', channels].
 *
 * Zeros of a numeric padding count in the mean (PyTorch's default); those of `same` do not (TensorFlow's).
 *
 * @throws EQM_PLUGIN_FAULT on malformed options and when the window does not fit.
 */
export function avgPool2d(options: PoolOptions): Layer {
  return pool('avgPool2d', options, false, 0, (x, size, stride, pad) => tf.avgPool(x, size, stride, pad));
}

/**
 * Largest value of each window: [batch, time, height, width, channels] -> [batch, time', height', width', channels]. Padding never wins.
 *
 * @throws EQM_PLUGIN_FAULT on malformed options and when the window does not fit.
 */
export function maxPool3d(options: PoolOptions<Triple>): Layer {
  return pool3d('maxPool3d', options, true, LOWEST, (x, size, stride, pad) => tf.maxPool(x, size, stride, pad));
}

/**
 * Mean of each window: [batch, time, height, width, channels] -> [batch, time', height', width', channels].
 *
 * Zeros of a numeric padding count in the mean (PyTorch's default); those of `same` do not (TensorFlow's).
 *
 * @throws EQM_PLUGIN_FAULT on malformed options and when the window does not fit.
 */
export function avgPool3d(options: PoolOptions<Triple>): Layer {
  return pool3d('avgPool3d', options, false, 0, (x, size, stride, pad) => tf.avgPool(x, size, stride, pad));
}

/** Mean over height and width: [batch, height, width, channels] -> [batch, channels]. */
export const globalAveragePool2d: Layer = pure((x: Tensor) => {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  // One pooling op: the gradient of a mean would build a full-size tensor of ones.
  return tf.reshape(tf.avgPool(x as Tensor4D, [height, width], 1, 'valid'), [batch, channels]);
});

/** Mean over time, height and width: [batch, time, height, width, channels] -> [batch, channels]. */
export const globalAveragePool3d: Layer = {
  init: () => NO_VARIABLES,
  apply(scope, input) {
    const [batch, time, height, width, channels] = input.shape as [number, number, number, number, number];
    return globalAveragePool2d.apply(scope, tf.reshape(input, [batch, time * height, width, channels]));
  },
};

type Op = (x: Tensor4D, size: [number, number], stride: [number, number], pad: 'same' | 'valid') => Tensor;

/** Checks a padding; a number is at most half the window. */
function checkPoolPadding(padding: Padding | undefined, size: readonly number[], name: string): Padding {
  const checked = checkPadding(padding ?? 0, name);
  if (typeof checked === 'number' && checked > Math.min(...size) / 2) {
    throw new EquimodalError('EQM_PLUGIN_FAULT', `padding ${checked} is more than half the window ${size.join(' x ')}`, {
      where: name,
      fix: 'Use less padding or a larger window.',
    });
  }
  return checked;
}

function pool(name: string, options: PoolOptions, paddingIsIgnored: boolean, filler: number, op: Op): Layer {
  const size = checkPair(options.size, 'size', name);
  const stride = checkPair(options.stride ?? options.size, 'stride', name);
  const padding = checkPoolPadding(options.padding, size, name);
  return {
    init: () => NO_VARIABLES,
    apply(scope, input) {
      checkShape(input, [null, null, null, null], scope.path);
      const { pad, explicit } = resolvePadding([input.shape[1]!, input.shape[2]!], size, stride, padding, scope.path, paddingIsIgnored);
      const padded = explicit === undefined ? input : tf.pad(input, [[0, 0], [...explicit[0]], [...explicit[1]], [0, 0]], filler);
      return op(padded as Tensor4D, [...size], [...stride], pad);
    },
  };
}

/**
 * A window is a box, so the pool over it is one over height and width and then one over time. That is several times faster than
 * TensorFlow's pools in three dimensions, and the mean's weights at a border are products too.
 */
function pool3d(name: string, options: PoolOptions<Triple>, paddingIsIgnored: boolean, filler: number, op: Op): Layer {
  const size = checkTriple(options.size, 'size', name);
  const stride = checkTriple(options.stride ?? options.size, 'stride', name);
  const padding = checkPoolPadding(options.padding, size, name);
  return {
    init: () => NO_VARIABLES,
    apply(scope, input) {
      checkShape(input, [null, null, null, null, null], scope.path);
      const axes = input.shape.slice(1, 4) as [number, number, number];
      const { pad, explicit } = resolvePadding(axes, size, stride, padding, scope.path, paddingIsIgnored);
      const sides = explicit?.map(([before, after]): [number, number] => [before, after]);
      let x = sides === undefined ? input : tf.pad(input, [[0, 0], ...sides, [0, 0]], filler);
      if (moves(size.slice(1), stride.slice(1))) {
        const [batch, time, height, width, channels] = x.shape as [number, number, number, number, number];
        const frames = tf.reshape(x, [batch * time, height, width, channels]) as Tensor4D;
        const maps = op(frames, [size[1], size[2]], [stride[1], stride[2]], pad);
        x = tf.reshape(maps, [batch, time, ...maps.shape.slice(1)]);
      }
      if (moves(size.slice(0, 1), stride.slice(0, 1))) {
        const [batch, time, height, width, channels] = x.shape as [number, number, number, number, number];
        const rows = tf.reshape(x, [batch, time, height * width, channels]) as Tensor4D;
        const maps = op(rows, [size[0], 1], [stride[0], 1], pad);
        x = tf.reshape(maps, [batch, maps.shape[1]!, height, width, channels]);
      }
      return x;
    },
  };
}

/** Whether a window does anything along these axes. */
function moves(size: readonly number[], stride: readonly number[]): boolean {
  return [...size, ...stride].some((n) => n > 1);
}
