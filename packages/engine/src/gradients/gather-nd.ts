import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { replaceGradient } from './replace.js';
import { zeroLike } from './zero.js';

/** The gradient of gatherND, of which TensorFlow.js has none: dy added at the places it was gathered from. */
export function installGatherNdGradient(): void {
  replaceGradient({
    kernelName: tf.GatherNd,
    inputsToSave: ['params', 'indices'],
    gradFunc: (dy, saved) => {
      const [params, indices] = saved as [Tensor, Tensor];
      return {
        params: () => tf.scatterND(indices, dy as Tensor, params.shape),
        indices: () => zeroLike(indices),
      };
    },
  });
}
