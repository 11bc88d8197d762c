import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';

/** Several scalars computed and read back in one transfer. Between steps only: inside a step nothing is read. */
export function readScalars(compute: () => Tensor[]): number[] {
  return tf.tidy(() => Array.from(tf.stack(compute()).dataSync()));
}

/** Tidies the making of a tree. `make` must not call anything that keeps tensors for later (a program compiles on its first call). */
export function tidyTree(make: () => Tree): Tree {
  return tf.tidy(() => make() as Record<string, Tensor>);
}
