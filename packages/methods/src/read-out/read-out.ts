import type { Fused } from '@equimodal/core';
import { EquimodalError } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * The unimodal logits [batch, classes] that a fusion reads out for a modality.
 *
 * @throws EQM_PLUGIN_FAULT when it gives none.
 */
export function readOut({ unimodal }: Pick<Fused, 'unimodal'>, modality: string, where: string): Tensor {
  const logits = unimodal[modality];
  if (logits !== undefined) return logits;
  throw new EquimodalError('EQM_PLUGIN_FAULT', `the fusion gives no read-out for modality "${modality}"`, {
    where,
    fix: 'Use a fusion that returns unimodal logits for every modality.',
  });
}
