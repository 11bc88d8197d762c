import { definePiece } from '@equimodal/core';
import { weightedMean } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { digamma, logGamma } from './gamma.js';

/**
 * Expected cross entropy under a Dirichlet distribution, per row: psi(S) - psi(alpha_y), [batch].
 *
 * @param alpha float32 [batch, classes], positive
 * @param target one-hot labels, float32 [batch, classes]
 */
export function expectedCrossEntropy(alpha: Tensor, target: Tensor): Tensor {
  const own = tf.sum(tf.mul(alpha, target), 1);
  return tf.sub(digamma(tf.sum(alpha, 1)), digamma(own));
}

/**
 * KL(Dir(alpha~) || Dir(1)) per row, [batch], with alpha~ = 1 on the true class and alpha elsewhere: what pulls the evidence for
 * wrong classes down.
 */
export function misleadingEvidence(alpha: Tensor, target: Tensor): Tensor {
  const classes = alpha.shape.at(-1)!;
  const others = tf.add(tf.mul(alpha, tf.sub(1, target)), target);
  const total = tf.sum(others, 1);
  const spread = tf.sum(tf.mul(tf.sub(others, 1), tf.sub(digamma(others), tf.reshape(digamma(total), [-1, 1]))), 1);
  const normaliser = tf.sub(logGamma(total), tf.sum(logGamma(others), 1));
  return tf.sub(tf.add(normaliser, spread), logFactorial(classes - 1));
}

/** ln Gamma(n + 1) */
const logFactorial = (n: number): number => Array.from({ length: n }, (_, i) => Math.log(i + 1)).reduce((sum, x) => sum + x, 0);

/**
 * The loss `evidential`: mean over the batch of psi(S) - psi(alpha_y) + lambda KL(Dir(alpha~) || Dir(1)), for logits that
 * are log alpha (fusion `evidential`). lambda = klWeight min(1, epoch / annealing).
 *
 * Source: Han et al., "Trusted Multi-View Classification", ICLR 2021, equations 9 to 11.
 */
export const evidentialLoss = definePiece({
  kind: 'loss',
  id: 'evidential',
  description: 'Expected cross entropy of a Dirichlet, with annealed KL to the uniform one',
  facts: {
    paper: { title: 'Trusted Multi-View Classification', venue: 'ICLR 2021', url: 'https://arxiv.org/abs/2102.02051' },
    note: 'Logits are log(evidence + 1), as the fusion "evidential" gives them.',
  },
  options: z.object({
    annealing: z.number().min(0).default(10).describe('Epochs in which the weight of the KL term rises from 0; 0 for none'),
    klWeight: z.number().min(0).default(1).describe('Weight of the KL term after annealing'),
  }),
  create: ({ annealing, klWeight }) => ({
    compute({ logits, labels, classes, sampleWeights, epoch }) {
      const alpha = tf.exp(logits);
      const target = tf.oneHot(labels as tf.Tensor1D, classes, 1, 0, 'float32');
      const kl = tf.mul(misleadingEvidence(alpha, target), klWeight);
      const weighted = epoch === undefined || annealing === 0 ? kl : tf.mul(kl, tf.minimum(tf.div(epoch, annealing), 1));
      const rows = tf.add(expectedCrossEntropy(alpha, target), weighted);
      return sampleWeights === undefined ? tf.mean(rows) : weightedMean(rows, sampleWeights);
    },
  }),
});
