import { logSoftmax } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** log((p + q) / 2) from log p and log q: log(e^a + e^b) = a + softplus(b - a), exact also where p and q are small. */
function logMixture(logP: Tensor, logQ: Tensor): Tensor {
  return tf.sub(tf.add(logP, tf.softplus(tf.sub(logQ, logP))), Math.LN2);
}

/** Batch mean of KL(p || q) = sum_k p_k (log p_k - log q_k), from logarithms [batch, classes]. */
function meanKl(logP: Tensor, logQ: Tensor): Tensor {
  return tf.div(tf.sum(tf.mul(tf.exp(logP), tf.sub(logP, logQ))), logP.shape[0]!);
}

/**
 * Jensen-Shannon divergence of two class posteriors, 1/2 [KL(p || M) + KL(q || M)] with M = (p + q) / 2, batch mean.
 *
 * @param a logits [batch, classes] of p
 * @param b logits [batch, classes] of q
 * @returns a scalar in [0, log 2] nats
 */
export function jensenShannon(a: Tensor, b: Tensor): Tensor {
  const [logP, logQ] = [logSoftmax(a), logSoftmax(b)];
  const logM = logMixture(logP, logQ);
  return tf.mul(tf.add(meanKl(logP, logM), meanKl(logQ, logM)), 0.5);
}

/**
 * The divergence of the released LFM code, with the arguments the other way round:
 * 1/2 [KL(M || p) + KL(M || q)] with M = (p + q) / 2, batch mean.
 *
 * @param a logits [batch, classes] of p
 * @param b logits [batch, classes] of q
 * @returns a scalar >= 0 in nats, without an upper bound
 */
export function reverseJensenShannon(a: Tensor, b: Tensor): Tensor {
  const [logP, logQ] = [logSoftmax(a), logSoftmax(b)];
  const logM = logMixture(logP, logQ);
  return tf.mul(tf.add(meanKl(logM, logP), meanKl(logM, logQ)), 0.5);
}
