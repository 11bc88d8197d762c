import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { stopGradient } from '@equimodal/engine';

/**
 * e^x / sum e^x over the last axis.
 *
 * Composed of elementary ops, with the maximum taken out before (and out of the gradient, to which it adds nothing):
 * safe for logits of any size.
 */
export function softmax(logits: Tensor): Tensor {
  const exponentials = tf.exp(shifted(logits));
  return tf.div(exponentials, tf.sum(exponentials, -1, true));
}

/** x - log sum e^x over the last axis; see `softmax`. */
export function logSoftmax(logits: Tensor): Tensor {
  const safe = shifted(logits);
  return tf.sub(safe, tf.log(tf.sum(tf.exp(safe), -1, true)));
}

/** Logits minus their largest value of the row, which the gradient does not see. */
function shifted(logits: Tensor): Tensor {
  return tf.sub(logits, tf.max(stopGradient(logits), -1, true));
}
