import type { Fusion, FusionContext, RandomStream, Scope } from '@equimodal/core';
import { definePiece } from '@equimodal/core';
import { checkShape, initChildren, ones, xavierNormal, zeros } from '@equimodal/nn';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { featureSizeOf, featuresOf } from '../heads/heads.js';
import { zeroedReadOuts } from '../read-out/read-out.js';

const WHERE = 'fusion "low-rank"';

/**
 * Low-rank multimodal fusion: logits = sum_r v_r prod_m (W_m^r phi_m + b_m^r) + b, element-wise products of `rank` factors
 * a class. It equals a full weight tensor on the outer product of all [phi_m; 1], of CP rank `rank`.
 *
 * The read-out of a modality is the same network with the other modalities' features set to zero, which leaves the
 * constant b_m^r of their factors. These start at one, so that the first steps are near those of a sum (ours).
 *
 * Parameters: `factors/<modality>/kernel` [featureSize, rank * classes] (rank by rank), `factors/<modality>/bias`
 * [rank * classes], `weights` [rank], `bias` [classes].
 * Source: Liu et al., "Efficient Low-rank Multimodal Fusion with Modality-Specific Factors", ACL 2018, equation 8.
 *
 * @throws EQM_PLUGIN_FAULT when features are missing or do not have their declared size.
 */
export function lowRank(context: FusionContext, rank = 4): Fusion {
  const { modalities, classes } = context;
  const factor = (modality: string) => ({
    init: (random: RandomStream) => ({
      params: {
        kernel: xavierNormal()(random.at('kernel'), [featureSizeOf(context, modality, WHERE), rank * classes]),
        bias: ones(random.at('bias'), [rank * classes]),
      },
      state: {},
    }),
  });
  const factors = Object.fromEntries(modalities.map((modality) => [modality, factor(modality)]));
  const own = {
    init: (random: RandomStream) => ({
      params: { weights: tf.fill([rank], 1 / rank) as Tensor, bias: zeros(random.at('bias'), [classes]) },
      state: {},
    }),
  };
  const fuse = (scope: Scope, features: Readonly<Record<string, Tensor>>): Tensor => {
    const terms = modalities.map((modality) => {
      const at = scope.at('factors').at(modality);
      const input = featuresOf(features, modality, WHERE);
      checkShape(input, [null, featureSizeOf(context, modality, WHERE)], `${WHERE}, features of "${modality}"`);
      return tf.add(tf.matMul(input as Tensor2D, at.param('kernel') as Tensor2D), at.param('bias'));
    });
    const product = terms.reduce((all, term) => tf.mul(all, term));
    const ranks = tf.reshape(product, [-1, rank, classes]);
    return tf.add(tf.sum(tf.mul(ranks, tf.reshape(scope.param('weights'), [1, rank, 1])), 1), scope.param('bias'));
  };
  return {
    init(random) {
      const below = initChildren({ factors: { init: (stream) => initChildren(factors, stream) } }, random);
      const { params } = own.init(random);
      return { params: { ...below.params, ...params }, state: {} };
    },
    apply(scope, features) {
      const logits = fuse(scope, features);
      if (modalities.length === 1) return { logits, unimodal: { [modalities[0]!]: logits } };
      return { logits, unimodal: zeroedReadOuts(modalities, features, (shown) => fuse(scope, shown), WHERE) };
    },
  };
}

/** The fusion `low-rank`. */
export const lowRankFusion = definePiece({
  kind: 'fusion',
  id: 'low-rank',
  description: 'Low-rank multimodal fusion (LMF): products of factors; read-out: the others set to zero',
  facts: {
    paper: {
      title: 'Efficient Low-rank Multimodal Fusion with Modality-Specific Factors',
      venue: 'ACL 2018',
      url: 'https://arxiv.org/abs/1806.00064',
    },
  },
  options: z.object({ rank: z.int().positive().default(4).describe('Number of factors of each modality') }),
  create: ({ rank }, context) => lowRank(context, rank),
});
