import { softmax } from '@equimodal/nn';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * How the coefficient is chosen. `paper`: every modality ahead of the others is damped. `released`: of two modalities
 * one is always damped, the first one at an exact tie.
 */
export type OgmForm = 'paper' | 'released';

/** Keeps the ratio defined when a modality gives the true classes no probability at all. */
const SMALLEST_SCORE = 1e-30;

/**
 * Sum over the batch of the probability of the true class, by modality: S_u = sum_i softmax(z_i^u)[y_i].
 *
 * @param logits unimodal logits [batch, classes], one tensor per modality
 * @param labels int32 [batch]
 * @returns float32 [modalities]
 */
export function ogmScores(logits: readonly Tensor[], labels: Tensor, classes: number): Tensor {
  const truth = tf.oneHot(labels as Tensor1D, classes, 1, 0, 'float32');
  return tf.stack(logits.map((each) => tf.sum(tf.mul(softmax(each), truth))));
}

/**
 * Discrepancy ratio of every modality, the mean of its ratios to the others:
 * rho_u = 1/(M-1) sum_(j != u) S_u / S_j. For two modalities it is S_u / S_j (OGM-GE, equations 8 and 9).
 *
 * @param scores float32 [modalities], at least two
 * @returns float32 [modalities]
 */
export function ogmRatios(scores: Tensor): Tensor {
  const modalities = scores.shape[0]!;
  const safe = tf.maximum(scores, SMALLEST_SCORE);
  const pairwise = tf.div(tf.reshape(safe, [modalities, 1]), tf.reshape(safe, [1, modalities]));
  const others = tf.sub(1, tf.eye(modalities));
  return tf.div(tf.sum(tf.mul(pairwise, others), 1), modalities - 1);
}

/**
 * Modulation coefficient of every modality: k_u = 1 - tanh(alpha rho_u) where rho_u > 1, else 1 (OGM-GE, equation 10).
 *
 * The form `released` (two modalities) damps the second one where its ratio is above 1 and the first one otherwise,
 * so at a tie it damps the first where the paper damps nobody.
 *
 * @param ratios float32 [modalities]
 * @returns float32 [modalities] in [0, 1]
 */
export function ogmCoefficients(ratios: Tensor, alpha: number, form: OgmForm = 'paper'): Tensor {
  const ahead = tf.cast(tf.greater(ratios, 1), 'float32');
  const damped = form === 'paper' ? ahead : exactlyOneOfTwo(ahead);
  return tf.sub(1, tf.mul(damped, tf.tanh(tf.mul(ratios, alpha))));
}

/** [1 - second, second]: the second modality if it is ahead, else the first. */
function exactlyOneOfTwo(ahead: Tensor): Tensor {
  const second = tf.slice(ahead, [1], [1]);
  return tf.concat([tf.sub(1, second), second]);
}
