import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sumToShape } from './batch-matmul.js';
import { replaceGradient } from './replace.js';

type Pair = (a: Tensor, b: Tensor) => Tensor;

/** The gradients of an op of two operands as factors of dy, summed over what broadcasting repeated. */
function installPair(kernelName: string, factorA: Pair, factorB: Pair): void {
  replaceGradient({
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved) => {
      const [a, b] = saved as [Tensor, Tensor];
      return {
        a: () => sumToShape(tf.mul(dy as Tensor, factorA(a, b)), a.shape),
        b: () => sumToShape(tf.mul(dy as Tensor, factorB(a, b)), b.shape),
      };
    },
  });
}

const mask =
  (compare: Pair): Pair =>
  (a, b) =>
    tf.cast(compare(a, b), 'float32');

/**
 * Maximum, minimum and squared difference: in TensorFlow.js their gradients have a wrong shape, and throw, where an operand
 * broadcasts. Where the operands are equal, the first one gets the gradient.
 */
export function installBroadcastingGradients(): void {
  installPair(tf.Maximum, mask(tf.greaterEqual), mask(tf.less));
  installPair(tf.Minimum, mask(tf.lessEqual), mask(tf.greater));
  installPair(
    tf.SquaredDifference,
    (a, b) => tf.mul(tf.sub(a, b), 2),
    (a, b) => tf.mul(tf.sub(b, a), 2),
  );
}
