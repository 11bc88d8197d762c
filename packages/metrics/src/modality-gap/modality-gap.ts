import type { FeatureTable } from '@equimodal/core';
import { definePiece, EquimodalError } from '@equimodal/core';
import { z } from 'zod';

/**
 * Distance between the centres of two sets of normalised features, |mean(a / |a|) - mean(b / |b|)|, in [0, 2].
 * A row of zeros has no direction and counts as zero.
 *
 * @param a row-major [n, featureSize]
 * @param b row-major [m, featureSize]
 *
 * Source: Liang et al., "Mind the Gap: Understanding the Modality Gap in Multi-modal Contrastive Representation
 * Learning", NeurIPS 2022.
 */
export function featureGap(a: ArrayLike<number>, b: ArrayLike<number>, featureSize: number): number {
  const [centreA, centreB] = [centre(a, featureSize), centre(b, featureSize)];
  return Math.hypot(...centreA.map((value, d) => value - centreB[d]!));
}

function centre(features: ArrayLike<number>, featureSize: number): Float64Array {
  const mean = new Float64Array(featureSize);
  const rows = features.length / featureSize;
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    for (let d = 0; d < featureSize; d++) squares += features[row * featureSize + d]! ** 2;
    if (squares === 0) continue;
    const factor = 1 / (Math.sqrt(squares) * rows);
    for (let d = 0; d < featureSize; d++) mean[d]! += features[row * featureSize + d]! * factor;
  }
  return mean;
}

/**
 * Mean over all unordered pairs of modalities of `featureGap`.
 *
 * @returns a distance in [0, 2]; null where it is not defined: with one modality, or when two modalities have features
 * of different sizes (their directions cannot be compared).
 * @throws EQM_DATA_SPLIT on an empty split, EQM_PLUGIN_FAULT when an array does not fit its declared size.
 */
export function modalityGap({ size, features, featureSizes }: FeatureTable): number | null {
  const where = 'metric "modality-gap"';
  if (size === 0) {
    throw new EquimodalError('EQM_DATA_SPLIT', 'there are no features to compare: the split is empty', {
      where,
    });
  }
  const modalities = Object.keys(features);
  const featureSize = featureSizes[modalities[0] ?? ''];
  for (const modality of modalities) {
    const [length, expected] = [features[modality]!.length, size * (featureSizes[modality] ?? 0)];
    if (length === expected) continue;
    throw new EquimodalError('EQM_PLUGIN_FAULT', `expected ${expected} numbers for the features of "${modality}", got ${length}`, {
      where,
      fix: 'Give every sample a row of featureSizes[modality] numbers.',
    });
  }
  if (modalities.length < 2 || featureSize === undefined) return null;
  if (modalities.some((modality) => featureSizes[modality] !== featureSize)) return null;
  let sum = 0;
  let pairs = 0;
  for (const [i, a] of modalities.entries()) {
    for (const b of modalities.slice(i + 1)) {
      sum += featureGap(features[a]!, features[b]!, featureSize);
      pairs++;
    }
  }
  return sum / pairs;
}

/** The metric `modality-gap`. */
export const modalityGapMetric = definePiece({
  kind: 'metric',
  id: 'modality-gap',
  description: "Distance between the centres of the modalities' normalised features",
  facts: {
    bounds: [0, 2],
    paper: {
      title: 'Mind the Gap: Understanding the Modality Gap in Multi-modal Contrastive Representation Learning',
      venue: 'NeurIPS 2022',
      url: 'https://arxiv.org/abs/2203.02053',
    },
    note: 'A diagnosis: neither a large nor a small gap is better. Null for one modality and for features of different sizes.',
  },
  options: z.object({}),
  create: () => ({ key: 'modalityGap', features: modalityGap }),
});
