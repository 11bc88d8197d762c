import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError, type Scope } from '@equimodal/core';
import { batchNormRunning } from '@equimodal/engine';
import { ones, zeros } from '../initialisers/initialisers.js';
import { checkRange, checkShape, checkSize } from '../layer/check.js';
import type { Layer } from '../layer/layer.js';

export interface BatchNormOptions {
  readonly channels: number;
  /** Weight of the new batch in the running statistics, PyTorch's meaning. Default 0.1. */
  readonly momentum?: number;
  /** Default 1e-5. */
  readonly epsilon?: number;
}

/**
 * y = (x - mean) / sqrt(variance + epsilon) * scale + offset, per channel (last axis), for [batch, channels],
 * [batch, height, width, channels] and [batch, time, height, width, channels].
 *
 * In a training pass mean and (biased) variance are those of the batch, and the running ones move by
 * running <- (1 - momentum) running + momentum batch, the running variance with the unbiased estimate, as PyTorch does.
 * In evaluation the running ones are used.
 *
 * Parameters: `scale` (ones), `offset` (zeros); state: `mean` (zeros), `variance` (ones); all [channels].
 *
 * Source: Ioffe and Szegedy, 2015, algorithms 1 and 2.
 *
 * @throws EQM_PLUGIN_FAULT on malformed options, another number of channels, or a training batch with one value a channel.
 */
export function batchNorm({ channels, momentum = 0.1, epsilon = 1e-5 }: BatchNormOptions): Layer {
  checkSize(channels, 'channels', 'batchNorm');
  checkRange(momentum, 0, 1 + Number.EPSILON, 'momentum', 'batchNorm');
  checkRange(epsilon, Number.MIN_VALUE, 1, 'epsilon', 'batchNorm');
  return {
    init: (random) => ({
      params: { scale: ones(random, [channels]), offset: zeros(random, [channels]) },
      state: { mean: zeros(random, [channels]), variance: ones(random, [channels]) },
    }),
    apply(scope, input) {
      checkShape(input, [...input.shape.slice(0, -1).map(() => null), channels], scope.path);
      return scope.training ? normalizeBatch(scope, input, channels, momentum, epsilon) : normalizeRunning(scope, input, epsilon);
    },
  };
}

function normalizeBatch(scope: Scope, input: Tensor, channels: number, momentum: number, epsilon: number): Tensor {
  const count = input.size / channels;
  if (count < 2) {
    throw new EquimodalError('EQM_PLUGIN_FAULT', 'batch norm needs more than one value a channel in a training batch', {
      where: scope.path,
      fix: 'Use another batch size, or drop the last short batch (training.dropLast: true).',
    });
  }
  const statistics = { mean: scope.state('mean'), variance: scope.state('variance'), momentum };
  const { y, running } = batchNormRunning(input, scope.param('scale'), scope.param('offset'), epsilon, statistics);
  scope.setState('mean', running.mean);
  scope.setState('variance', running.variance);
  return y;
}

function normalizeRunning(scope: Scope, input: Tensor, epsilon: number): Tensor {
  // y = x k + (offset - mean k) with k = scale / sqrt(variance + epsilon): two passes over x, the rest is [channels].
  const factor = tf.mul(scope.param('scale'), tf.rsqrt(tf.add(scope.state('variance'), epsilon)));
  const shift = tf.sub(scope.param('offset'), tf.mul(scope.state('mean'), factor));
  return tf.add(tf.mul(input, factor), shift);
}
