import { stopGradient } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

/** The option `padding` of the encoders of sequences. */
export const paddingOption = z
  .enum(['none', 'zeros'])
  .default('none')
  .describe('zeros: rows that are all zero at the end of a sequence are padding and masked');

/**
 * Which steps are real: sequence [batch, time, features] -> float32 [batch, time], 0 where this and every later row is zero.
 * Rows of zeros between real ones are real.
 */
export function trailingMask(sequence: Tensor): Tensor {
  // What remains of the sequence from each step on.
  const rest = tf.cumsum(tf.sum(tf.abs(stopGradient(sequence)), 2), 1, false, true);
  return tf.cast(tf.greater(rest, 0), 'float32');
}

/** Sets the steps of [batch, time, size] to zero where the mask [batch, time] is 0; no mask keeps all. */
export function masked(sequence: Tensor, mask: Tensor | undefined): Tensor {
  return mask === undefined ? sequence : tf.mul(sequence, tf.reshape(mask, [...mask.shape, 1]));
}

/** Mean over the real steps: [batch, time, size] -> [batch, size]; zeros for a row without real steps. */
export function meanOverTime(sequence: Tensor, mask: Tensor | undefined): Tensor {
  if (mask === undefined) return tf.mean(sequence, 1);
  const steps = tf.maximum(stopGradient(tf.sum(mask, 1, true)), 1);
  return tf.div(tf.sum(masked(sequence, mask), 1), steps);
}

/**
 * Maximum over the real steps: [batch, time, size] -> [batch, size]; zeros for a row without real steps. Steps that share the
 * maximum share its gradient, as PyTorch's `amax` does; derivatives of every order.
 */
export function maxOverTime(sequence: Tensor, mask: Tensor | undefined): Tensor {
  const values = masked(sequence, mask);
  const fixed = stopGradient(values);
  // Padding stands below every real step.
  const standing = mask === undefined ? fixed : tf.add(fixed, tf.reshape(tf.mul(tf.sub(mask, 1), 1e30), [...mask.shape, 1]));
  const hits = masked(tf.cast(tf.equal(standing, tf.max(standing, 1, true)), 'float32'), mask);
  return tf.sum(tf.mul(values, tf.div(hits, tf.maximum(tf.sum(hits, 1, true), 1))), 1);
}

/** The first step: [batch, time, size] -> [batch, size]. */
export function firstStep(sequence: Tensor): Tensor {
  const [batch, , size] = sequence.shape as [number, number, number];
  return tf.reshape(tf.slice(sequence, [0, 0, 0], [batch, 1, size]), [batch, size]);
}

/** Which tokens are real: ids [batch, tokens] (int32) -> float32 [batch, tokens], 0 where the id is 0. */
export function tokenMask(ids: Tensor): Tensor {
  return tf.cast(tf.notEqual(ids, tf.scalar(0, 'int32')), 'float32');
}
