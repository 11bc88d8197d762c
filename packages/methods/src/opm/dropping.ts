import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Drop rates [modalities]: q_u = clip(base (1 + lambda t_u), 0, 1) where t_u = tanh(relu(mean_j S_u / S_j - 1)) is above 0, else 0.
 *
 * @param ratios mean of the ratios of a modality's score to each other's, [modalities]
 */
export function dropRates(ratios: Tensor, { base, lambda }: { readonly base: number; readonly lambda: number }): Tensor {
  const ahead = tf.tanh(tf.relu(tf.sub(ratios, 1)));
  return tf.where(tf.greater(ahead, 0), tf.clipByValue(tf.mul(base, tf.add(1, tf.mul(lambda, ahead))), 0, 1), tf.zerosLike(ahead));
}

/** The share of all feature numbers that is dropped on average: sum_u d_u q_u / sum_u d_u, scalar. */
export function droppedShare(rates: Tensor, sizes: readonly number[]): Tensor {
  return tf.div(
    tf.sum(tf.mul(rates, tf.tensor1d([...sizes]))),
    sizes.reduce((a, b) => a + b, 0),
  );
}
