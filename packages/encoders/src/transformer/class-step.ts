import { normal, type Layer } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Puts a learnt step before the others, whose output stands for the whole: [batch, steps, width] -> [batch, 1 + steps, width].
 *
 * Parameters: `vector` [width], normal with deviation 0.02.
 */
export function classStep(width: number): Layer {
  return {
    init: (random) => ({ params: { vector: normal(0.02)(random.at('vector'), [width]) }, state: {} }),
    apply(scope, input) {
      const vector = tf.reshape(scope.param('vector'), [1, 1, width]);
      return tf.concat([tf.tile(vector, [input.shape[0]!, 1, 1]), input], 1);
    },
  };
}
