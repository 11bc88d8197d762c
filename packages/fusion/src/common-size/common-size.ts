import type { FusionContext, RandomStream, Scope, Variables } from '@equimodal/core';
import { initChildren, linear } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import { featureSizeOf, featuresOf } from '../heads/heads.js';

/** Features of all modalities brought to one size. */
export interface CommonSize {
  readonly size: number;
  init(random: RandomStream): Variables;
  /** Features [batch, size] by modality, in the order of the modalities. Of all modalities, or of some. */
  apply(scope: Scope, features: Readonly<Record<string, Tensor>>, modalities?: readonly string[]): Readonly<Record<string, Tensor>>;
}

/**
 * Brings features to one size, for fusions that add or compare them.
 *
 * With `size` null features that all have one size stay as they are, and others go through a linear map of their own to
 * the smallest of the sizes. With a number every modality has its map. Parameters: `<modality>/kernel`, `<modality>/bias`, or none.
 *
 * @throws EQM_PLUGIN_FAULT when the feature size of a modality is not known, or its features are missing.
 */
export function commonSize(context: FusionContext, size: number | null, where: string): CommonSize {
  const sizes = context.modalities.map((modality) => featureSizeOf(context, modality, where));
  const target = size ?? Math.min(...sizes);
  const asTheyAre = size === null && sizes.every((own) => own === target);
  const maps = asTheyAre
    ? {}
    : Object.fromEntries(context.modalities.map((modality, i) => [modality, linear({ inputs: sizes[i]!, outputs: target })]));
  return {
    size: target,
    init: (random) => initChildren(maps, random),
    apply: (scope, features, modalities = context.modalities) =>
      Object.fromEntries(
        modalities.map((modality) => {
          const own = featuresOf(features, modality, where);
          return [modality, maps[modality]?.apply(scope.at(modality), own) ?? own];
        }),
      ),
  };
}
