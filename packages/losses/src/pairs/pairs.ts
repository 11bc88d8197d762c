import { EquimodalError } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Mean over all unordered pairs of modalities of a function of two tensors, scalar.
 *
 * @throws EQM_PLUGIN_FAULT with fewer than two modalities, or when one has no tensor.
 */
export function meanOverPairs(
  modalities: readonly string[],
  tensors: Readonly<Record<string, Tensor>>,
  compare: (a: Tensor, b: Tensor) => Tensor,
  where: string,
): Tensor {
  if (modalities.length < 2) {
    throw new EquimodalError('EQM_PLUGIN_FAULT', `an alignment loss compares modalities; given is ${modalities.join(', ') || 'none'}`, {
      where,
      fix: 'Use it with two or more modalities.',
    });
  }
  const of = (modality: string): Tensor => {
    const tensor = tensors[modality];
    if (tensor !== undefined) return tensor;
    throw new EquimodalError(
      'EQM_PLUGIN_FAULT',
      `there is no tensor for modality "${modality}"; given are ${Object.keys(tensors).join(', ') || 'none'}`,
      {
        where,
        fix: 'Hand in features and unimodal logits of every modality.',
      },
    );
  };
  const values = modalities.flatMap((a, i) => modalities.slice(i + 1).map((b) => compare(of(a), of(b))));
  return values.length === 1 ? values[0]! : tf.div(tf.addN(values), values.length);
}
