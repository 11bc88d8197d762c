import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { checkPair, checkShape, type Pair } from '../layer/check.js';
import { pure, type Layer } from '../layer/layer.js';
import { checkPadding, resolvePadding, type Padding } from '../padding/padding.js';
import { NO_VARIABLES } from '../tree/tree.js';

export interface PoolOptions {
  /** Size of the window. */
  readonly size: Pair;
  /** Default: the size. */
  readonly stride?: Pair;
  /** A number pads all four sides, as PyTorch does; at most half the window. Default 0. */
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

/** Mean over height and width: [batch, height, width, channels] -> [batch, channels]. */
export const globalAveragePool2d: Layer = pure((x: Tensor) => {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  // One pooling op: the gradient of a mean would build a full-size tensor of ones.
  return tf.reshape(tf.avgPool(x as Tensor4D, [height, width], 1, 'valid'), [batch, channels]);
});

type Op = (x: Tensor4D, size: [number, number], stride: [number, number], pad: 'same' | 'valid') => Tensor;

function pool(name: string, options: PoolOptions, paddingIsIgnored: boolean, filler: number, op: Op): Layer {
  const size = checkPair(options.size, 'size', name);
  const stride = checkPair(options.stride ?? options.size, 'stride', name);
  const padding = checkPadding(options.padding ?? 0, name);
  if (typeof padding === 'number' && padding > Math.min(...size) / 2) {
    throw new EquimodalError('EQM_PLUGIN_FAULT', `padding ${padding} is more than half the window ${size.join(' x ')}`, {
      where: name,
      fix: 'Use less padding or a larger window.',
    });
  }
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
