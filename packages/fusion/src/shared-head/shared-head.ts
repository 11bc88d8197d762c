import type { Fused, Fusion, FusionContext, Scope } from '@equimodal/core';
import { definePiece } from '@equimodal/core';
import { initChildren, type Layer, linear, logSoftmax } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { commonSize } from '../common-size/common-size.js';
import { presentOf } from '../heads/heads.js';
import { attentionWeights, weightedSum } from '../weight/weight.js';

const WHERE = 'fusion "shared-head"';

export type SharedHeadCombination = 'mean' | 'sum' | 'entropy';

/** Entropy of softmax(logits) per row in nats, [batch, 1]. */
export function entropy(logits: Tensor): Tensor {
  const log = logSoftmax(logits);
  return tf.neg(tf.sum(tf.mul(tf.exp(log), log), 1, true));
}

/** sum_m w_m logits_m with w = softmax over modalities of minus the entropy, per row: [batch, classes]. */
export function entropyFusion(logits: readonly Tensor[]): Tensor {
  return weightedSum(attentionWeights(logits.map((own) => tf.neg(entropy(own)))), logits);
}

/**
 * One linear head that all modalities share: l_m = W phi_m + b; fused logits are the mean, the sum, or weighted by the
 * confidence (minus entropy) of each modality. The read-out of a modality is l_m.
 *
 * With `hidden` the head has a hidden layer with ReLU, as in ReconBoost.
 *
 * Parameters: `maps` (only where sizes differ or `size` is given), `head/kernel` [size, classes], `head/bias`; with `hidden` the
 * layers `head/hidden` and `head/output`.
 * Source: Zhang et al., "Multimodal Representation Learning by Alternating Unimodal Adaptation" (MLA), CVPR 2024.
 *
 * @throws EQM_PLUGIN_FAULT when features are missing or do not have their declared size.
 */
export function sharedHead(
  context: FusionContext,
  { combine = 'mean', size = null, hidden = null }: { combine?: SharedHeadCombination; size?: number | null; hidden?: number | null } = {},
): Fusion {
  const maps = commonSize(context, size, WHERE);
  const head = hidden === null ? linear({ inputs: maps.size, outputs: context.classes }) : twoLayers(maps.size, hidden, context.classes);
  const fuse = (scope: Scope, given: Readonly<Record<string, Tensor>>, of: readonly string[]): Fused => {
    const mapped = maps.apply(scope.at('maps'), given, of);
    const unimodal = Object.fromEntries(Object.entries(mapped).map(([name, own]) => [name, head.apply(scope.at('head'), own)]));
    const all = Object.values(unimodal);
    if (all.length === 1) return { logits: all[0]!, unimodal, mapped };
    if (combine === 'entropy') return { logits: entropyFusion(all), unimodal, mapped };
    const total = tf.addN(all);
    return { logits: combine === 'sum' ? total : tf.div(total, all.length), unimodal, mapped };
  };
  return {
    init: (random) => initChildren({ maps, head }, random),
    apply: (scope, features) => fuse(scope, features, context.modalities),
    partial: (scope, features) => fuse(scope, features, presentOf(context, features, WHERE)).logits,
  };
}

function twoLayers(inputs: number, size: number, classes: number): Layer {
  const hidden = linear({ inputs, outputs: size });
  const output = linear({ inputs: size, outputs: classes });
  return {
    init: (random) => initChildren({ hidden, output }, random),
    apply: (scope, x) => output.apply(scope.at('output'), tf.relu(hidden.apply(scope.at('hidden'), x))),
  };
}

/** The fusion `shared-head`. */
export const sharedHeadFusion = definePiece({
  kind: 'fusion',
  id: 'shared-head',
  description: 'One linear head for every modality, logits combined; read-out: the head on its features',
  facts: {
    paper: {
      title: 'Multimodal Representation Learning by Alternating Unimodal Adaptation',
      venue: 'CVPR 2024',
      url: 'https://arxiv.org/abs/2311.10707',
    },
  },
  options: z.object({
    combine: z
      .enum(['mean', 'sum', 'entropy'])
      .default('mean')
      .describe('How logits are joined; entropy weighs the confident modality more'),
    size: z.int().positive().nullable().default(null).describe('Common size of the features; null: as they are where they agree'),
    hidden: z.int().positive().nullable().default(null).describe('Size of a hidden layer with ReLU in the head; null: none'),
  }),
  create: (options, context) => sharedHead(context, options),
});
