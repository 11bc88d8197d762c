import type { Alignment, AlignmentContext, RandomStream, Scope, Variables } from '@equimodal/core';
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
 * @param temperature t > 0, or its inverse as a scalar
 * @param labels int32 [batch]: other samples of the same class are no negatives. Absent: all other samples are.
 * @returns a scalar in nats: 0 for a batch of one (it has no negatives), log(batch) where all similarities are equal
 *
 * Source: van den Oord et al., 2018, in the symmetric form of LFM (NeurIPS 2024, L_MM).
 */
export function infoNce(a: Tensor, b: Tensor, temperature: number | { readonly scale: Tensor }, labels?: Tensor): Tensor {
  const scale = typeof temperature === 'number' ? 1 / temperature : temperature.scale;
  const all = tf.mul(cosineSimilarityMatrix(a, b), scale);
  const batch = a.shape[0]!;
  if (batch === 1) return tf.mul(tf.sum(all), 0);
  const similarities = labels === undefined ? all : tf.sub(all, tf.mul(sameClass(labels, batch), FAR));
  // Row i should choose column i, and column i row i: two cross entropies with the index as label.
  const matching = tf.tensor1d(
    Int32Array.from({ length: batch }, (_, i) => i),
    'int32',
  );
  const forth = crossEntropy(similarities, matching);
  const back = crossEntropy(tf.transpose(similarities), matching);
  return tf.mul(tf.add(forth, back), 0.5);
}

/** What similarities of pairs that do not count are lowered by: their share of a softmax vanishes, in float32 too. */
const FAR = 1e9;

/** 1 where another sample has the same class, 0 elsewhere, the diagonal too: float32 [batch, batch]. */
function sameClass(labels: Tensor, batch: number): Tensor {
  const alike = tf.cast(tf.equal(tf.expandDims(labels, 1), tf.expandDims(labels, 0)), 'float32');
  return tf.sub(alike, tf.eye(batch));
}

/** Largest inverse of a learned temperature, as CLIP has it (ICML 2021, section 2.5). */
const LARGEST_SCALE = 100;

export interface InfoNceOptions {
  readonly temperature: number;
  /** The temperature is where a parameter of the model begins: log(1 / t), which is trained with all others. */
  readonly learnTemperature: boolean;
  /** `all`: the other samples of the batch. `other-classes`: those of another class. */
  readonly negatives: 'all' | 'other-classes';
  /** Size of a shared space that a linear map without bias takes each modality's features to; null compares the features themselves. */
  readonly projection: number | null;
}

/**
 * Mean of `infoNce` over all unordered pairs of modalities, on the encoders' features or on projections of them.
 *
 * Parameters, with a projection only: `projections/<modality>/kernel` [featureSize, projection]; with a learned temperature: `logScale`,
 * scalar, log(1 / t), of which at most log 100 counts.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE when features of different sizes are to be compared without a projection.
 */
export function infoNceAlignment(context: AlignmentContext, options: InfoNceOptions): Alignment {
  const { temperature, learnTemperature, negatives, projection } = options;
  if (projection === null) checkEqualSizes(context);
  const into = (modality: string) => linear({ inputs: context.featureSizes[modality] ?? 0, outputs: projection!, bias: false });
  const projections = projection === null ? {} : Object.fromEntries(context.modalities.map((modality) => [modality, into(modality)]));
  const shared = (features: Readonly<Record<string, Tensor>>, scope: Scope): Readonly<Record<string, Tensor>> =>
    projection === null
      ? features
      : Object.fromEntries(
          Object.entries(features).map(([name, own]) => [name, projections[name]?.apply(scope.at('projections').at(name), own) ?? own]),
        );
  const parts: Record<string, { init(random: RandomStream): Variables }> = {
    ...(projection === null ? {} : { projections: { init: (below) => initChildren(projections, below) } }),
  };
  const init = (random: RandomStream): Variables => {
    const { params, state } = initChildren(parts, random);
    return { params: learnTemperature ? { ...params, logScale: tf.scalar(-Math.log(temperature)) } : params, state };
  };
  return {
    ...(projection === null && !learnTemperature ? {} : { init }),
    compute({ modalities, features, labels }, scope) {
      const t = learnTemperature ? { scale: tf.exp(tf.minimum(scope.param('logScale'), Math.log(LARGEST_SCALE))) } : temperature;
      const classes = negatives === 'all' ? undefined : labels;
      return meanOverPairs(modalities, shared(features, scope), (a, b) => infoNce(a, b, t, classes), WHERE);
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
    learnTemperature: z
      .boolean()
      .default(false)
      .describe('The temperature is learned with the parameters, as log(1 / t), from the one given; 1 / t stays below 100, as in CLIP'),
    negatives: z
      .enum(['all', 'other-classes'])
      .default('all')
      .describe('Negatives: all other samples of the batch, as published, or those of other classes alone (ours)'),
    projection: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe('Size of a shared space the features are mapped to linearly; null compares the features themselves'),
  }),
  create: (options, context) => infoNceAlignment(context, options),
});
