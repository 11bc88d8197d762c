import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { logSoftmax, softmax, stopGradient } from '@equimodal/nn';

/** What a head says, both [batch, classes]. */
export interface Scores {
  /** In (0, 1): what divergence and certainty are measured on. */
  readonly confidence: Tensor;
  /** What the cross-entropy takes the softmax of. */
  readonly logits: Tensor;
}

/**
 * `sigmoid`: as the released code, confidences are sigmoids of the logits, and the cross-entropy takes the softmax of those once more.
 * `softmax`: class probabilities, and their own cross-entropy.
 */
export function scoresOf(logits: Tensor, form: 'sigmoid' | 'softmax'): Scores {
  if (form === 'softmax') return { confidence: softmax(logits), logits };
  const confidence = tf.sigmoid(logits);
  return { confidence, logits: confidence };
}

/** Cross-entropy of softmax(logits), sample by sample, [batch]. */
export function sampleCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return tf.neg(tf.sum(tf.mul(tf.oneHot(labels, logits.shape[1]!), logSoftmax(logits)), 1));
}

/** How far each modality is from the consensus: max_c (q_u[c] - mean_v q_v[c])^2, [batch] each, of confidences [batch, classes]. */
export function divergences(confidences: readonly Tensor[]): Tensor[] {
  const consensus = tf.div(tf.addN([...confidences]), confidences.length);
  return confidences.map((own) => tf.max(tf.square(tf.sub(own, consensus)), 1));
}

/** 1 for samples of which every modality diverges by less than gamma tau, else 0: [batch], without a gradient. */
export function fusedSamples(unimodal: readonly Scores[], { gamma, tau }: { readonly gamma: number; readonly tau: number }): Tensor {
  const far = divergences(unimodal.map(({ confidence }) => stopGradient(confidence)));
  return tf.cast(tf.less(tf.div(tf.max(tf.stack(far), 0), tau), gamma), 'float32');
}

/**
 * Loss of each sample, [batch]: sum_u CE_u, and where it is fused also
 *
 *     sum_u (CE_u^2 / 2 - eta pen_u) + CE_fused
 *
 * with pen the divergence.
 *
 * @param mask as `fusedSamples` gives it
 */
export function divergenceLoss(unimodal: readonly Scores[], fused: Scores, labels: Tensor, mask: Tensor, eta: number): Tensor {
  const entropies = unimodal.map(({ logits }) => sampleCrossEntropy(logits, labels));
  const penalties = divergences(unimodal.map(({ confidence }) => confidence));
  const together = tf.addN([
    ...entropies.map((own, u) => tf.sub(tf.mul(0.5, tf.square(own)), tf.mul(eta, penalties[u]!))),
    sampleCrossEntropy(fused.logits, labels),
  ]);
  return tf.add(tf.addN(entropies), tf.mul(mask, together));
}

/** Logits of the fused head where a sample is fused, else those of the modality that is most certain of a class: [batch, classes]. */
export function divergencePrediction(unimodal: readonly Scores[], fused: Scores, mask: Tensor): Tensor {
  const certainty = tf.stack(
    unimodal.map(({ confidence }) => tf.max(confidence, 1)),
    1,
  );
  const chosen = tf.oneHot(tf.cast(tf.argMax(certainty, 1), 'int32'), unimodal.length);
  const all = tf.stack(
    unimodal.map(({ logits }) => logits),
    1,
  );
  const best = tf.sum(tf.mul(all, tf.expandDims(chosen, 2)), 1);
  const fuse = tf.expandDims(mask, 1);
  return tf.add(tf.mul(fuse, fused.logits), tf.mul(tf.sub(1, fuse), best));
}
