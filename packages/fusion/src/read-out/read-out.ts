import type { Fused } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { featuresOf } from '../heads/heads.js';

type Features = Readonly<Record<string, Tensor>>;

/**
 * Fused logits, and as the read-out of each modality the same network with the other modalities' features set to zero,
 * [batch, classes]. One modality is its own read-out.
 *
 * For fusions that have no part of their own for a modality. What constants (biases, gates) make of zeros stays in it.
 */
export function withZeroedReadOuts(
  modalities: readonly string[],
  features: Features,
  fuse: (features: Features) => Tensor,
  where: string,
): Fused {
  const logits = fuse(features);
  if (modalities.length === 1) return { logits, unimodal: { [modalities[0]!]: logits } };
  const zeros = Object.fromEntries(modalities.map((modality) => [modality, tf.zerosLike(featuresOf(features, modality, where))]));
  const readOut = (modality: string) => fuse({ ...zeros, [modality]: features[modality]! });
  return { logits, unimodal: Object.fromEntries(modalities.map((modality) => [modality, readOut(modality)])) };
}
