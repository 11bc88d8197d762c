import { EquimodalError } from '@equimodal/core';

/** Most modalities whose subsets are all asked: 256 passes over a split. */
const MOST = 8;

/**
 * Every subset of the modalities, the empty one first; bit m of a place is modality m.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE with more than 8 modalities.
 */
export function coalitions(modalities: readonly string[], metric: string): readonly (readonly string[])[] {
  if (modalities.length > MOST) {
    throw new EquimodalError(
      'EQM_CONFIG_INCOMPATIBLE',
      `metric "${metric}" asks every subset of the modalities, and ${modalities.length} modalities have ${2 ** modalities.length}`,
      { where: 'metrics', fix: `Leave "${metric}" out, or use at most ${MOST} modalities.` },
    );
  }
  return Array.from({ length: 2 ** modalities.length }, (_, subset) => modalities.filter((_name, m) => (subset >> m) % 2 === 1));
}
