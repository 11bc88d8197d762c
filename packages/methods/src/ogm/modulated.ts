import type { Tree } from '@equimodal/core';
import { EquimodalError } from '@equimodal/core';
import { modalityOf } from '@equimodal/nn';

/** Which encoder parameters are modulated; see `modulatedPaths`. */
export type OgmScope = 'auto' | 'convolutions' | 'encoders';

/** The rank of a two-dimensional convolution's kernel [height, width, inputs, outputs]. */
const CONVOLUTION_RANK = 4;

/**
 * The encoder parameters whose gradients are modulated, with the modality of each.
 *
 * `convolutions`: those of rank 4, as published. `encoders`: all of rank 2 or more (kernels, not biases or batch norm).
 * `auto`: for each encoder its convolutions if it has any, else all of rank 2 or more.
 *
 * @param params all parameters, encoders below `encoders/<modality>/`
 * @throws EQM_CONFIG_INCOMPATIBLE when an encoder has no such parameter: the method would do nothing to it, silently.
 */
export function modulatedPaths(params: Tree, modalities: readonly string[], scope: OgmScope, where: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const modality of modalities) {
    const kernels = Object.entries(params).filter(([path, leaf]) => modalityOf(path) === modality && leaf.rank >= 2);
    const convolutions = kernels.filter(([, leaf]) => leaf.rank === CONVOLUTION_RANK);
    const all = scope === 'encoders' || (scope === 'auto' && convolutions.length === 0);
    const chosen = all ? kernels : convolutions;
    if (chosen.length === 0) {
      throw new EquimodalError(
        'EQM_CONFIG_INCOMPATIBLE',
        `the encoder of "${modality}" has no ${all ? 'parameter of rank 2 or more' : 'convolution kernel'}, so there is no gradient to modulate`,
        {
          where,
          fix: kernels.length > 0 ? 'Set "scope: encoders" or "scope: auto".' : 'Give it an encoder with trainable parameters.',
        },
      );
    }
    for (const [path] of chosen) found.set(path, modality);
  }
  return found;
}
