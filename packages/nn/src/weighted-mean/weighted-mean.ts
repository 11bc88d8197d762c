import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** Keeps the weighted mean defined when all weights are 0; too small to change any other. */
const TINY = 1e-12;

/** sum(w x) / sum(w) of values and weights [batch], a scalar; 0 when all weights are 0. */
export function weightedMean(values: Tensor, weights: Tensor): Tensor {
  return tf.div(tf.sum(tf.mul(values, weights)), tf.add(tf.sum(weights), TINY));
}
