import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { replaceGradient } from './replace.js';
import { zeroLike } from './zero.js';

/**
 * Scattering, of which TensorFlow.js has no gradients: dy is gathered where the updates went. An update replaces what was there, so
 * nothing flows to that. Places that are updated twice have no defined value, and no defined gradient.
 */
export function installScatterGradients(): void {
  replaceGradient({
    kernelName: tf.ScatterNd,
    inputsToSave: ['indices'],
    gradFunc: (dy, saved) => ({
      updates: () => tf.gatherND(dy as Tensor, saved[0]!),
      indices: () => zeroLike(saved[0]!),
    }),
  });
  replaceGradient({
    kernelName: tf.TensorScatterUpdate,
    inputsToSave: ['indices', 'updates'],
    gradFunc: (dy, saved) => {
      const [indices, updates] = saved as [Tensor, Tensor];
      return {
        tensor: () => tf.tensorScatterUpdate(dy as Tensor, indices, zeroLike(updates)),
        updates: () => tf.gatherND(dy as Tensor, indices),
        indices: () => zeroLike(indices),
      };
    },
  });
}
