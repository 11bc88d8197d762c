import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { pure, type Layer } from '../layer/layer.js';

/** max(x, 0) */
export const relu: Layer = pure((x) => tf.relu(x));
export const tanh: Layer = pure((x) => tf.tanh(x));
/** 1 / (1 + e^-x) */
export const sigmoid: Layer = pure((x) => tf.sigmoid(x));
/** x Phi(x), with the exact normal distribution function (PyTorch's default form). Source: Hendrycks and Gimpel, 2016. */
export const gelu: Layer = pure((x: Tensor) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)));
/** [batch, ...] -> [batch, product of the rest] */
export const flatten: Layer = pure((x) => (x.rank === 2 ? x : tf.reshape(x, [x.shape[0]!, x.size / x.shape[0]!])));
