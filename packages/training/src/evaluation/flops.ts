import type { ModalitySpec, Tree } from '@equimodal/core';
import { programFlops } from '@equimodal/engine';
import { disposeTree } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Model } from '../model/model.js';
import { evaluationProgram } from './evaluate.js';

/**
 * Floating-point operations of one forward pass of one sample, as `opFlops` counts them; frozen encoders, whose features come first, take no part.
 * They hang on shapes alone, so that the sample is zeros.
 */
export async function forwardFlops(
  model: Model,
  modalities: readonly ModalitySpec[],
  { params, state }: { readonly params: Tree; readonly state: Tree },
): Promise<number> {
  const batch = Object.fromEntries(
    modalities.map(({ name, kind, shape }) => [`inputs/${name}`, tf.zeros([1, ...shape], kind === 'tokens' ? 'int32' : 'float32')]),
  );
  try {
    return await programFlops(evaluationProgram(model), { params, state, batch });
  } finally {
    disposeTree(batch);
  }
}
