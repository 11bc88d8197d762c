import type { Fusion, FusionContext } from '@equimodal/core';
import { definePiece } from '@equimodal/core';
import { initChildren, logSoftmax } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { linearHeads, presentOf } from '../heads/heads.js';

const WHERE = 'fusion "sum"';

/** What is summed: the heads' logits, or their class probabilities. */
export type SumLevel = 'logits' | 'probabilities';

/**
 * Log of the mean of the softmaxes: log 1/M sum_m softmax(l_m). Its softmax is the mean of the probabilities exactly,
 * and its cross entropy is the negative log-likelihood of the mixture.
 *
 * @param logits at least one tensor [batch, classes]
 */
export function logMeanSoftmax(logits: readonly Tensor[]): Tensor {
  const [first, ...others] = logits.map((each) => logSoftmax(each)) as [Tensor, ...Tensor[]];
  // log(e^a + e^b) = a + softplus(b - a): nothing overflows, and nothing is lost where both are small.
  const total = others.reduce((sum, each) => tf.add(sum, tf.softplus(tf.sub(each, sum))), first);
  return others.length === 0 ? total : tf.sub(total, Math.log(logits.length));
}

/**
 * Own linear heads l_m = W_m phi_m + b_m, added up: sum_m l_m, or, at the level of probabilities,
 * log 1/M sum_m softmax(l_m). The read-out of a modality is its own head, with its full bias.
 *
 * Parameters: `heads/<modality>/kernel` [featureSize, classes], `heads/<modality>/bias` [classes].
 *
 * @throws EQM_PLUGIN_FAULT when features are missing or do not have their declared size.
 */
export function sum(context: FusionContext, level: SumLevel = 'logits'): Fusion {
  const heads = linearHeads(context, WHERE);
  const total = (all: Tensor[]): Tensor => {
    if (level === 'probabilities') return logMeanSoftmax(all);
    return all.length === 1 ? all[0]! : tf.addN(all);
  };
  return {
    init: (random) => initChildren({ heads }, random),
    apply(scope, features) {
      const unimodal = heads.apply(scope.at('heads'), features);
      return { logits: total(Object.values(unimodal)), unimodal };
    },
    partial: (scope, features) => total(Object.values(heads.apply(scope.at('heads'), features, presentOf(context, features, WHERE)))),
  };
}

/** The fusion `sum`. */
export const sumFusion = definePiece({
  kind: 'fusion',
  id: 'sum',
  description: 'Own linear heads, logits (or probabilities) added up; read-out: the own head',
  facts: {},
  options: z.object({
    level: z
      .enum(['logits', 'probabilities'])
      .default('logits')
      .describe('What is added: the logits (as released code does), or the class probabilities (their mean)'),
  }),
  create: ({ level }, context) => sum(context, level),
});
