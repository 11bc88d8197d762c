import type { Fusion, FusionContext, Scope } from '@equimodal/core';
import { definePiece } from '@equimodal/core';
import { initChildren, linear, ones, zeros } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { featureSizeOf, featuresOf, presentOf } from '../heads/heads.js';
import { withZeroedReadOuts } from '../read-out/read-out.js';

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
  const factor = (modality: string) =>
    linear({ inputs: featureSizeOf(context, modality, WHERE), outputs: rank * classes, biasInitialiser: ones });
  const factors = Object.fromEntries(modalities.map((modality) => [modality, factor(modality)]));
  const fuse = (scope: Scope, features: Readonly<Record<string, Tensor>>): Tensor => {
    const terms = Object.entries(factors).map(([modality, own]) =>
      own.apply(scope.at('factors').at(modality), featuresOf(features, modality, WHERE)),
    );
    const product = terms.reduce((all, term) => tf.mul(all, term));
    const ranks = tf.reshape(product, [-1, rank, classes]);
    return tf.add(tf.sum(tf.mul(ranks, tf.reshape(scope.param('weights'), [1, rank, 1])), 1), scope.param('bias'));
  };
  return {
    init(random) {
      const { params } = initChildren({ factors: { init: (stream) => initChildren(factors, stream) } }, random);
      return { params: { ...params, weights: tf.fill([rank], 1 / rank), bias: zeros(random.at('bias'), [classes]) }, state: {} };
    },
    apply: (scope, features) => withZeroedReadOuts(modalities, features, (shown) => fuse(scope, shown), WHERE),
    partial(scope, features) {
      const batch = features[presentOf(context, features, WHERE)[0]!]!.shape[0]!;
      const zeros = (modality: string) => tf.zeros([batch, featureSizeOf(context, modality, WHERE)]);
      return fuse(scope, Object.fromEntries(modalities.map((modality) => [modality, features[modality] ?? zeros(modality)])));
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
