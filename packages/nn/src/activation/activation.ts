import * as tf from '@tensorflow/tfjs-core';
import { pure, type Layer } from '../layer/layer.js';

/** max(x, 0) */
export const relu: Layer = pure((x) => tf.relu(x));
export const tanh: Layer = pure((x) => tf.tanh(x));
/** 1 / (1 + e^-x) */
export const sigmoid: Layer = pure((x) => tf.sigmoid(x));
/** [batch, ...] -> [batch, product of the rest] */
export const flatten: Layer = pure((x) => (x.rank === 2 ? x : tf.reshape(x, [x.shape[0]!, x.size / x.shape[0]!])));
