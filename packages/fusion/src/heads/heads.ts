import type { FusionContext, RandomStream, Scope, Variables } from '@equimodal/core';
import { EquimodalError } from '@equimodal/core';
import { initChildren, linear } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';

/** The features of one modality; throws EQM_PLUGIN_FAULT naming it when they are missing. */
export function featuresOf(features: Readonly<Record<string, Tensor>>, modality: string, where: string): Tensor {
  const own = features[modality];
  if (own !== undefined) return own;
  throw new EquimodalError(
    'EQM_PLUGIN_FAULT',
    `there are no features of modality "${modality}"; given are ${Object.keys(features).join(', ') || 'none'}`,
    {
      where,
      fix: 'Hand in features for every modality the fusion was built with; zeros for one that is masked.',
    },
  );
}

/** The modalities that features are given for, in the fusion's order; throws EQM_PLUGIN_FAULT when there are none. */
export function presentOf({ modalities }: FusionContext, features: Readonly<Record<string, Tensor>>, where: string): readonly string[] {
  const present = modalities.filter((modality) => features[modality] !== undefined);
  if (present.length > 0) return present;
  throw new EquimodalError('EQM_PLUGIN_FAULT', 'there are no features of any modality', {
    where,
    fix: `Hand in features of at least one of ${modalities.join(', ')}.`,
  });
}

/** The declared feature size of a modality; throws EQM_PLUGIN_FAULT when it is not declared. */
export function featureSizeOf({ featureSizes }: FusionContext, modality: string, where: string): number {
  const size = featureSizes[modality];
  if (size !== undefined) return size;
  throw new EquimodalError('EQM_PLUGIN_FAULT', `the feature size of modality "${modality}" is not known`, {
    where,
    fix: 'Give featureSizes an entry for every modality.',
  });
}

/** One linear head per modality. */
export interface LinearHeads {
  init(random: RandomStream): Variables;
  /** Logits [batch, classes] by modality: W_m phi_m + b_m. Of all modalities, or of some. */
  apply(scope: Scope, features: Readonly<Record<string, Tensor>>, modalities?: readonly string[]): Readonly<Record<string, Tensor>>;
}

/** Own linear heads, with parameters below the modality's name: `<modality>/kernel` [featureSize, classes], `<modality>/bias` [classes]. */
export function linearHeads(context: FusionContext, where: string): LinearHeads {
  const heads = Object.fromEntries(
    context.modalities.map((modality) => [modality, linear({ inputs: featureSizeOf(context, modality, where), outputs: context.classes })]),
  );
  return {
    init: (random) => initChildren(heads, random),
    apply: (scope, features, modalities = context.modalities) =>
      Object.fromEntries(
        modalities.map((modality) => [modality, heads[modality]!.apply(scope.at(modality), featuresOf(features, modality, where))]),
      ),
  };
}
