import type { Fusion, FusionContext, Scope } from '@equimodal/core';
import { definePiece } from '@equimodal/core';
import { initChildren, linear } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { featureSizeOf, featuresOf } from '../heads/heads.js';
import { checkNamedModality } from '../heads/named-modality.js';
import { withZeroedReadOuts } from '../read-out/read-out.js';

const WHERE = 'fusion "affine"';

/**
 * Feature-wise linear modulation: gamma * target + beta. gamma is not offset by 1.
 *
 * @param gammaBeta float32 [batch, 2 d], gamma first
 * @param target float32 [batch, d]
 */
export function film(gammaBeta: Tensor, target: Tensor): Tensor {
  const [gamma, beta] = tf.split(gammaBeta, 2, 1) as [Tensor, Tensor];
  return tf.add(tf.mul(gamma, target), beta);
}

/**
 * FiLM fusion: the conditioner's features make scale and shift of the target's, and a linear head reads the result.
 *
 * o_1 = phi_1, (gamma, beta) = W_m o_(m-1) + b_m, o_m = gamma * phi_m + beta, logits = W_o o_M + b_o, with the
 * conditioner first and the other modalities in their order. For two modalities this is the usual FiLM fusion; the
 * sequence for more than two is ours.
 *
 * The read-out of a modality is the same network with the other modalities' features set to zero. A conditioner of
 * zeros leaves gamma = b_gamma, so that is not the absence of information.
 *
 * Parameters: `film/<target>/kernel` [size of the conditioner, 2 size of the target], `film/<target>/bias`,
 * `head/kernel` [size of the last target, classes], `head/bias`.
 *
 * @param conditioner the modality that conditions; null is the first one. Of no effect with one modality.
 * @throws EQM_CONFIG_INCOMPATIBLE when the conditioner is none of several modalities; EQM_PLUGIN_FAULT when features
 * are missing or do not have their declared size.
 */
export function affine(context: FusionContext, conditioner: string | null = null): Fusion {
  const order = conditioningOrder(context.modalities, conditioner);
  const sizes = order.map((modality) => featureSizeOf(context, modality, WHERE));
  const generators = Object.fromEntries(
    order.slice(1).map((target, i) => [target, linear({ inputs: sizes[i]!, outputs: 2 * sizes[i + 1]! })]),
  );
  const head = linear({ inputs: sizes.at(-1) ?? 0, outputs: context.classes });

  const fuse = (scope: Scope, features: Readonly<Record<string, Tensor>>): Tensor => {
    let fused = featuresOf(features, order[0]!, WHERE);
    for (const [target, generator] of Object.entries(generators)) {
      fused = film(generator.apply(scope.at('film').at(target), fused), featuresOf(features, target, WHERE));
    }
    return head.apply(scope.at('head'), fused);
  };
  return {
    init: (random) => initChildren({ film: { init: (below) => initChildren(generators, below) }, head }, random),
    apply: (scope, features) => withZeroedReadOuts(context.modalities, features, (shown) => fuse(scope, shown), WHERE),
  };
}

/** The conditioner, then the others in their order. */
function conditioningOrder(modalities: readonly string[], conditioner: string | null): readonly string[] {
  if (conditioner === null || modalities.length === 1) return modalities;
  checkNamedModality(modalities, conditioner, {
    option: 'conditioner',
    subject: `the conditioner "${conditioner}"`,
    otherwise: 'first',
    where: WHERE,
  });
  return [conditioner, ...modalities.filter((modality) => modality !== conditioner)];
}

/** The fusion `affine`. */
export const affineFusion = definePiece({
  kind: 'fusion',
  id: 'affine',
  description: 'FiLM: one modality scales and shifts the features of the next; read-out: the others set to zero',
  facts: {
    missing: 'A scale and shift come from one modality and act on another: without either there is no prediction.',
    paper: {
      title: 'FiLM: Visual Reasoning with a General Conditioning Layer',
      venue: 'AAAI 2018',
      url: 'https://arxiv.org/abs/1709.07871',
    },
    note: 'Two modalities are FiLM fusion as published; the sequence for more than two is ours.',
  },
  options: z.object({
    conditioner: z.string().nullable().default(null).describe('The modality that conditions the others; null is the first one'),
  }),
  create: ({ conditioner }, context) => affine(context, conditioner),
});
