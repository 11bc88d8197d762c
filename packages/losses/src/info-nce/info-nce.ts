import type { Alignment, AlignmentContext } from '@equimodal/core';
import { definePiece, EquimodalError } from '@equimodal/core';
import { cosineSimilarityMatrix, crossEntropy, initChildren, linear } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { meanOverPairs } from '../pairs/pairs.js';

const WHERE = 'alignment "info-nce"';

/**
 * Symmetric InfoNCE between two views of the same samples, with the other samples of the batch as negatives:
 *
 * -1/(2n) sum_i [ log softmax_k(s_ik / t)|k=i + log softmax_k(s_ki / t)|k=i ],  s_ik = cos(a_i, b_k)
 *
 * @param a float32 [batch, size]
 * @param b float32 [batch, size]
 * @param temperature t > 0
 * @returns a scalar in nats: 0 for a batch of one (it has no negatives), log(batch) where all similarities are equal
 *
 * Source: van den Oord et al., 2018, in the symmetric form of LFM (NeurIPS 2024, L_MM).
 */
export function infoNce(a: Tensor, b: Tensor, temperature: number): Tensor {
  const similarities = tf.mul(cosineSimilarityMatrix(a, b), 1 / temperature);
  const batch = a.shape[0]!;
  if (batch === 1) return tf.mul(tf.sum(similarities), 0);
  // Row i should choose column i, and column i row i: two cross entropies with the index as label.
  const matching = tf.tensor1d(
    Int32Array.from({ length: batch }, (_, i) => i),
    'int32',
  );
  const forth = crossEntropy(similarities, matching);
  const back = crossEntropy(tf.transpose(similarities), matching);
  return tf.mul(tf.add(forth, back), 0.5);
}

export interface InfoNceOptions {
  readonly temperature: number;
  /** Size of a shared space that a linear map without bias takes each modality's features to; null compares the features themselves. */
  readonly projection: number | null;
}

/**
 * Mean of `infoNce` over all unordered pairs of modalities, on the encoders' features or on projections of them.
 *
 * Parameters, with a projection only: `projections/<modality>/kernel` [featureSize, projection].
 *
 * @throws EQM_CONFIG_INCOMPATIBLE when features of different sizes are to be compared without a projection.
 */
export function infoNceAlignment(context: AlignmentContext, { temperature, projection }: InfoNceOptions): Alignment {
  if (projection === null) {
    checkEqualSizes(context);
    return {
      compute: ({ modalities, features }) => meanOverPairs(modalities, features, (a, b) => infoNce(a, b, temperature), WHERE),
    };
  }
  const projections = Object.fromEntries(
    context.modalities.map((modality) => [
      modality,
      linear({ inputs: context.featureSizes[modality] ?? 0, outputs: projection, bias: false }),
    ]),
  );
  return {
    init: (random) => initChildren({ projections: { init: (below) => initChildren(projections, below) } }, random),
    compute({ modalities, features }, scope) {
      const shared = Object.fromEntries(
        Object.entries(features).map(([modality, own]) => [
          modality,
          projections[modality]?.apply(scope.at('projections').at(modality), own) ?? own,
        ]),
      );
      return meanOverPairs(modalities, shared, (a, b) => infoNce(a, b, temperature), WHERE);
    },
  };
}

function checkEqualSizes({ modalities, featureSizes }: AlignmentContext): void {
  if (new Set(modalities.map((modality) => featureSizes[modality])).size <= 1) return;
  const sizes = modalities.map((modality) => `${modality} ${featureSizes[modality]}`).join(', ');
  throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `features of different sizes cannot be compared (${sizes})`, {
    where: WHERE,
    fix: 'Set "projection" to the size of a shared space (128, say), or give the encoders one feature size.',
  });
}

/** The alignment loss `info-nce`. */
export const infoNceLoss = definePiece({
  kind: 'alignment',
  id: 'info-nce',
  description: 'Symmetric InfoNCE on cosines of the features, mean over all pairs of modalities',
  facts: {
    modalities: { min: 2 },
    paper: {
      title: 'Facilitating Multimodal Classification via Dynamically Learning Modality Gap',
      venue: 'NeurIPS 2024',
    },
  },
  options: z.object({
    temperature: z.number().positive().default(0.07).describe('Divides the cosines before the softmax'),
    projection: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe('Size of a shared space the features are mapped to linearly; null compares the features themselves'),
  }),
  create: (options, context) => infoNceAlignment(context, options),
});
