import { definePiece, EquimodalError, suggestion, type Method } from '@equimodal/core';
import { z } from 'zod';

/**
 * Restricts the run to one modality, before the model is built: the other encoders do not exist.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE, when the modalities are selected, if the dataset has no modality of that name.
 */
export function unimodal(modality: string): Method {
  return {
    selectModalities(all) {
      if (all.includes(modality)) return [modality];
      throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `there is no modality "${modality}"; ${suggestion(modality, all)}`, {
        where: 'method "unimodal"',
        fix: `Set "modality" to one of ${all.join(', ')}.`,
      });
    },
  };
}

/** The method `unimodal`. */
export const unimodalMethod = definePiece({
  kind: 'method',
  id: 'unimodal',
  description: 'Trains on one modality alone: the baseline every multimodal figure is held against',
  facts: { backwardPassesPerStep: 1 },
  options: z.object({
    modality: z.string().min(1).describe('The modality to train on'),
  }),
  create: ({ modality }) => unimodal(modality),
});
