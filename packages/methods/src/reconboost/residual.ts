import { logSoftmax, softmax, stopGradient } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Loss of the learner that is trained, against the residual that the others leave: mean over samples of
 *
 *     -sum_c (y_c log p_c - lambda q_c max(log p_c, log floor)),   q = softmax of the ensemble without it (no gradient)
 *
 * Without a floor this has no lower bound: driving the probability of any other class to zero always pays.
 *
 * @param logits of the learner, [batch, classes]
 * @param others logits of the ensemble without it; absent: an empty ensemble, q is uniform
 */
export function residualLoss(
  logits: Tensor,
  others: Tensor | undefined,
  labels: Tensor,
  classes: number,
  { lambda, floor }: { readonly lambda: number; readonly floor: number },
): Tensor {
  const logs = logSoftmax(logits);
  const floored = floor > 0 ? tf.maximum(logs, Math.log(floor)) : logs;
  const taken = tf.mul(tf.mul(lambda, ensembleProbabilities(others, logits)), floored);
  return tf.mean(tf.neg(tf.sum(tf.sub(tf.mul(tf.oneHot(labels, classes), logs), taken), 1)));
}

/**
 * The loss of the released code: only the true class of the residual counts, and the mean is over classes too:
 * mean over samples of (1 / K) (w1 - w2 q_y) (-log p_y).
 */
export function releasedResidualLoss(
  logits: Tensor,
  others: Tensor | undefined,
  labels: Tensor,
  classes: number,
  [label, ensemble]: readonly [number, number],
): Tensor {
  const hot = tf.oneHot(labels, classes);
  const weight = tf.sub(label, tf.mul(ensemble, ensembleProbabilities(others, logits)));
  return tf.mean(tf.neg(tf.mul(tf.mul(hot, weight), logSoftmax(logits))));
}

function ensembleProbabilities(others: Tensor | undefined, like: Tensor): Tensor {
  return others === undefined ? tf.fill(like.shape, 1 / like.shape[1]!) : softmax(stopGradient(others));
}

/** Mean squared difference to the learner before (no gradient flows into that one), of class probabilities or of logits. */
export function agreementLoss(logits: Tensor, before: Tensor, space: 'probability' | 'logit'): Tensor {
  const [own, other] = [logits, stopGradient(before)].map((each) => (space === 'probability' ? softmax(each) : each)) as [Tensor, Tensor];
  return tf.mean(tf.square(tf.sub(own, other)));
}
