import { logSoftmax } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** A probability below this counts as this. */
const SMALLEST_PROBABILITY = 1e-8;

/** Cross-entropy of the responses of one modality, scalar; smaller is better. */
export function responseScore(response: Tensor, labels: Tensor, classes: number): Tensor {
  const own = tf.sum(tf.mul(tf.oneHot(labels, classes), logSoftmax(response)), 1);
  return tf.mean(tf.neg(tf.maximum(own, Math.log(SMALLEST_PROBABILITY))));
}

/** exp(mean of the others' scores - own score), [modalities]: above 1 a modality is ahead. */
export function advantage(scores: Tensor): Tensor {
  const count = scores.size;
  const others = tf.div(tf.sub(tf.sum(scores), scores), count - 1);
  return tf.exp(tf.sub(others, scores));
}

/**
 * k_u = exp(alpha min(tau_u - r_u, cap)): r is the advantage in this batch, tau that of the mean scores so far.
 *
 * @param scores [modalities], of this batch
 * @param means [modalities], of all batches before; zeros at the start
 * @param cap null: none
 */
export function agmCoefficients(
  scores: Tensor,
  means: Tensor,
  { alpha, cap }: { readonly alpha: number; readonly cap: number | null },
): { advantage: Tensor; coefficients: Tensor } {
  const now = advantage(scores);
  const behind = tf.sub(advantage(means), now);
  return { advantage: now, coefficients: tf.exp(tf.mul(alpha, cap === null ? behind : tf.minimum(behind, cap))) };
}

/** The mean of all scores so far, with these. @param count how many came before, scalar */
export function runningMean(means: Tensor, scores: Tensor, count: Tensor): Tensor {
  return tf.add(means, tf.div(tf.sub(scores, means), tf.add(count, 1)));
}
