import { definePiece, type LossTerm, type Method, type MethodContext, type Scope } from '@equimodal/core';
import { initChildren, linear } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

export interface MmcosineOptions {
  /** Factor s on the cosines. */
  readonly scale: number;
}

/** Below this length a vector counts as zero, as in PyTorch's `normalize`. */
const EPSILON = 1e-12;

/**
 * Cosines [batch, classes] between features [batch, featureSize] and the columns of a kernel [featureSize, classes].
 *
 * "MMCosine: Multi-Modal Cosine Loss Towards Balanced Audio-Visual Fine-Grained Learning" (ICASSP 2023), equation 6.
 */
export const cosines = (features: Tensor, kernel: Tensor): Tensor => tf.matMul(unit(features, 1), unit(kernel, 0));

const unit = (values: Tensor, axis: number): Tensor =>
  tf.div(values, tf.maximum(tf.sqrt(tf.maximum(tf.sum(tf.square(values), axis, true), EPSILON ** 2)), EPSILON));

/**
 * Multi-modal cosine loss: features and class weights of each modality are brought to length one, so that no modality is ahead by the length
 * of its vectors, and the logits are z = s sum_m cos(theta_m). The classification terms give way to one term `cosine`, the configured loss on
 * z; z is also the prediction, and s cos(theta_m) the read-out of modality m. The fusion's head is not trained.
 */
export function mmcosine({ scale }: MmcosineOptions, { modalities, featureSizes, classes }: MethodContext): Method {
  const head = (name: string) => linear({ inputs: featureSizes[name]!, outputs: classes, bias: false });
  const own = (scope: Scope, features: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
    Object.fromEntries(
      modalities.map((name) => [name, tf.mul(cosines(features[name]!, scope.at('heads').at(name).param('kernel')), scale)]),
    );
  return {
    init: (random) =>
      initChildren(
        { heads: { init: (each) => initChildren(Object.fromEntries(modalities.map((name) => [name, head(name)])), each) } },
        random,
      ),
    losses({ scope, features, terms, classification }): LossTerm[] {
      const value = classification(tf.addN(Object.values(own(scope, features))));
      return [...terms.filter(({ kind }) => kind !== 'classification'), { name: 'cosine', kind: 'classification', value, weight: 1 }];
    },
    predict({ scope, features }) {
      const unimodal = own(scope, features);
      return { logits: tf.addN(Object.values(unimodal)), unimodal };
    },
  };
}

/** The method `mmcosine`. */
export const mmcosineMethod = definePiece({
  kind: 'method',
  id: 'mmcosine',
  description: 'Adds up scaled cosines of the modalities, so that none is ahead by the length of its features or weights',
  facts: {
    modalities: { min: 2 },
    claims: ['objective', 'prediction'],
    backwardPassesPerStep: 1,
    paper: {
      title: 'MMCosine: Multi-Modal Cosine Loss Towards Balanced Audio-Visual Fine-Grained Learning',
      venue: 'ICASSP 2023',
      url: 'https://arxiv.org/abs/2303.05338',
    },
    note: 'The paper has two modalities; the sum takes any number. The fusion only carries the features.',
  },
  options: z.object({ scale: z.number().positive().default(10).describe('Factor s on the cosines') }),
  create: mmcosine,
});
