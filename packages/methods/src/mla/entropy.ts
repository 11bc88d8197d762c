import { logSoftmax, softmax } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** Entropy of softmax(logits) in nats, row by row: [batch, classes] -> [batch, 1]. Finite where a probability is 0. */
export function rowEntropy(logits: Tensor): Tensor {
  const log = logSoftmax(logits);
  return tf.neg(tf.sum(tf.mul(tf.exp(log), log), 1, true));
}

/** sum_m w_m z_m, with w the softmax over modalities of minus the entropy of each, sample by sample: [batch, classes]. */
export function entropyWeighted(logits: readonly Tensor[]): Tensor {
  const weights = tf.split(softmax(tf.neg(tf.concat(logits.map(rowEntropy), 1))), logits.length, 1);
  return tf.addN(logits.map((own, i) => tf.mul(own, weights[i]!)));
}

/**
 * The released code's rule: probabilities are normalised over the batch, class by class, and their entropy is summed over everything,
 * so that a whole batch has one weight a modality. A prediction depends on the other samples of its batch.
 */
export function batchEntropyWeighted(logits: readonly Tensor[]): Tensor {
  const entropies = logits.map((own) => {
    const log = logSoftmax(tf.transpose(own));
    return tf.neg(tf.sum(tf.mul(tf.exp(log), log)));
  });
  const weights = tf.split(softmax(tf.reshape(tf.neg(tf.stack(entropies)), [1, logits.length])), logits.length, 1);
  return tf.addN(logits.map((own, i) => tf.mul(own, weights[i]!)));
}
