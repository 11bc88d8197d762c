import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';

const require = createRequire(import.meta.url);

/**
 * Registers the gradients TensorFlow.js ships. In Node they live in the union package only (which
 * also brings the cpu backend); its kernels, gradients and engine are the process-wide ones, shared
 * with `@tensorflow/tfjs-core`.
 */
export function loadStandardGradients(): void {
  if (tf.getGradient(tf.Conv2D) === undefined) require('@tensorflow/tfjs');
}
