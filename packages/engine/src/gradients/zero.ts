import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { replaceGradient } from './replace.js';

/** Inputs of the ops whose result is piecewise constant in them: their derivative is zero almost everywhere. */
export const PIECEWISE_CONSTANT: Readonly<Record<string, readonly string[]>> = {
  Greater: ['a', 'b'],
  GreaterEqual: ['a', 'b'],
  Less: ['a', 'b'],
  LessEqual: ['a', 'b'],
  Equal: ['a', 'b'],
  NotEqual: ['a', 'b'],
  LogicalAnd: ['a', 'b'],
  LogicalOr: ['a', 'b'],
  LogicalNot: ['x'],
  IsNan: ['x'],
  IsInf: ['x'],
  IsFinite: ['x'],
  Any: ['x'],
  All: ['x'],
  ArgMax: ['x'],
  ArgMin: ['x'],
};

/** Zero as the backward pass wants it: float32, whatever the input's type. Made by the engine, not uploaded as tf.zeros is. */
export function zeroLike(x: Tensor): Tensor {
  return tf.fill(x.shape, 0, 'float32');
}

/**
 * Zero gradients for comparisons, logical ops and arg-extrema. TensorFlow.js has none for most of
 * them, so that a mask made from a differentiated tensor breaks the backward pass.
 */
export function installZeroGradients(): void {
  for (const [kernelName, inputs] of Object.entries(PIECEWISE_CONSTANT)) {
    replaceGradient({
      kernelName,
      inputsToSave: [...inputs],
      gradFunc: (_dy, saved) => Object.fromEntries(inputs.map((name, i) => [name, () => zeroLike(saved[i]!)])),
    });
  }
}
