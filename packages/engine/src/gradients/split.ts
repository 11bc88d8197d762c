import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { replaceGradient } from './replace.js';

/** Gradients of an op's outputs, which come as one tensor where there is one output. */
function listOf(dy: Tensor | Tensor[]): Tensor[] {
  return Array.isArray(dy) ? dy : [dy];
}

/** split and unstack, whose gradients in TensorFlow.js throw where there is one part. */
export function installSplitGradients(): void {
  replaceGradient({
    kernelName: tf.SplitV,
    gradFunc: (dy, _saved, attrs) => ({ x: () => tf.concat(listOf(dy), attrs['axis'] as number) }),
  });
  replaceGradient({
    kernelName: tf.Unpack,
    gradFunc: (dy, _saved, attrs) => ({ value: () => tf.stack(listOf(dy), attrs['axis'] as number) }),
  });
}
