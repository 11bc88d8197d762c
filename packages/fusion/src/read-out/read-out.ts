import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { featuresOf } from '../heads/heads.js';

type Features = Readonly<Record<string, Tensor>>;

/**
 * The read-out of each modality as the same network with the other modalities' features set to zero, [batch, classes].
 *
 * For fusions that have no part of their own for a modality. What constants (biases, gates) make of zeros stays in it.
 */
export function zeroedReadOuts(
  modalities: readonly string[],
  features: Features,
  fuse: (features: Features) => Tensor,
  where: string,
): Readonly<Record<string, Tensor>> {
  const zeros = Object.fromEntries(modalities.map((modality) => [modality, tf.zerosLike(featuresOf(features, modality, where))]));
  return Object.fromEntries(modalities.map((modality) => [modality, fuse({ ...zeros, [modality]: features[modality]! })]));
}
