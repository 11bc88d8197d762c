import type { Fused, Fusion, FusionContext, Scope } from '@equimodal/core';
import { definePiece } from '@equimodal/core';
import { initChildren, linear, relu, sequential, softmax } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { commonSize } from '../common-size/common-size.js';
import { linearHeads, presentOf } from '../heads/heads.js';

const WHERE = 'fusion "weight"';

export interface WeightOptions {
  /** `scalar-attention` (CMML): one weight a modality and row. `elementwise-legacy`: one a feature, without parameters. */
  readonly weighting?: 'scalar-attention' | 'elementwise-legacy';
  /** What is weighed: features before one head, or the logits of own heads. Elementwise weights take features. */
  readonly level?: 'feature' | 'logit';
  /** Units of the hidden layers of the attention network. */
  readonly hidden?: readonly number[];
  /** Common size of the features; null leaves them as they are where they agree. */
  readonly size?: number | null;
}

/**
 * Attention weights of modalities: softmax over modalities of their scores.
 *
 * @param scores float32 [batch, 1] per modality
 * @returns float32 [batch, modalities], rows sum to one
 */
export const attentionWeights = (scores: readonly Tensor[]): Tensor =>
  scores.length === 1 ? tf.onesLike(scores[0]!) : softmax(tf.concat([...scores], 1));

/** sum_m w_m * value_m for weights [batch, modalities] and values [batch, n]. */
export function weightedSum(weights: Tensor, values: readonly Tensor[]): Tensor {
  if (values.length === 1) return tf.mul(weights, values[0]!);
  const own = tf.split(weights, values.length, 1);
  return tf.addN(values.map((value, i) => tf.mul(own[i]!, value)));
}

/** w_m = softmax_d(phi_m) / sum_j softmax_d(phi_j) per feature, and sum_m w_m * phi_m: [batch, d]. */
export function elementwiseSum(features: readonly Tensor[]): Tensor {
  const shares = features.map((own) => softmax(own));
  const weighted = shares.map((share, i) => tf.mul(share, features[i]!));
  return features.length === 1 ? features[0]! : tf.div(tf.addN(weighted), tf.addN(shares));
}

/**
 * Weighted fusion. One attention network, shared by all modalities, scores each one's features; a = softmax over
 * modalities; at feature level logits = W sum_m a_m phi_m + b, at logit level logits = sum_m a_m (W_m phi_m + b_m).
 *
 * The read-out of a modality is the prediction when all the weight is its own: the head on its features, or its own head.
 *
 * Parameters: `maps` (only where sizes differ or `size` is given), `score/<i>` (linear layers of the attention network),
 * `head` [size, classes], or `heads/<modality>` at logit level.
 * Source: Yang et al., "Comprehensive Semi-Supervised Multi-Modal Learning" (CMML), IJCAI 2019, its supervised part.
 *
 * @throws EQM_PLUGIN_FAULT when features are missing or do not have their declared size.
 */
export function weight(context: FusionContext, options: WeightOptions = {}): Fusion {
  const { weighting = 'scalar-attention', level = 'feature', hidden = [64, 32], size = null } = options;
  const { modalities, classes } = context;
  const maps = commonSize(context, size, WHERE);
  const widths = [maps.size, ...hidden, 1];
  const score = sequential(
    widths.slice(1).flatMap((outputs, i) => [linear({ inputs: widths[i]!, outputs }), ...(i < hidden.length ? [relu] : [])]),
  );
  const head = linear({ inputs: maps.size, outputs: classes });
  const heads = linearHeads({ ...context, featureSizes: Object.fromEntries(modalities.map((name) => [name, maps.size])) }, WHERE);
  const onLogits = level === 'logit' && weighting === 'scalar-attention';
  const fuse = (scope: Scope, given: Readonly<Record<string, Tensor>>, of: readonly string[]): Fused => {
    const features = maps.apply(scope.at('maps'), given, of);
    const all = Object.values(features);
    const classify = (x: Tensor) => head.apply(scope.at('head'), x);
    const unimodal = onLogits
      ? heads.apply(scope.at('heads'), features, of)
      : Object.fromEntries(Object.entries(features).map(([name, own]) => [name, classify(own)]));
    if (weighting === 'elementwise-legacy') return { logits: classify(elementwiseSum(all)), unimodal };
    const weights = attentionWeights(all.map((own) => score.apply(scope.at('score'), own)));
    const logits = onLogits ? weightedSum(weights, Object.values(unimodal)) : classify(weightedSum(weights, all));
    return { logits, unimodal };
  };
  return {
    init: (random) =>
      initChildren({ maps, ...(weighting === 'scalar-attention' ? { score } : {}), ...(onLogits ? { heads } : { head }) }, random),
    apply: (scope, given) => fuse(scope, given, modalities),
    partial: (scope, given) => fuse(scope, given, presentOf(context, given, WHERE)).logits,
  };
}

/** The fusion `weight`. */
export const weightFusion = definePiece({
  kind: 'fusion',
  id: 'weight',
  description: 'Attention weights over modalities (CMML); read-out: all the weight on one',
  facts: {
    paper: { title: 'Comprehensive Semi-Supervised Multi-Modal Learning', venue: 'IJCAI 2019' },
    note: 'The supervised part: no diversity or consistency terms.',
  },
  options: z.object({
    weighting: z
      .enum(['scalar-attention', 'elementwise-legacy'])
      .default('scalar-attention')
      .describe('One weight a modality, or one a feature as in released code'),
    level: z.enum(['feature', 'logit']).default('feature').describe('What scalar weights weigh: features, or logits of own heads'),
    hidden: z.array(z.int().positive()).default([64, 32]).describe('Hidden layers of the attention network'),
    size: z.int().positive().nullable().default(null).describe('Common size of the features; null: as they are where they agree'),
  }),
  create: (options, context) => weight(context, options),
});
