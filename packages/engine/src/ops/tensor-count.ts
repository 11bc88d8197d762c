import * as tf from '@tensorflow/tfjs-core';

/** Number of live tensors in this process, for leak checks. */
export function tensorCount(): number {
  return tf.engine().state.numTensors;
}
