import { normal, NO_VARIABLES, type Layer } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Adds a learnt vector to each step: [batch, steps, width] -> the same. Steps may be fewer than positions.
 *
 * Parameters: `table` [positions, width], normal with the given deviation.
 */
export function learnedPositions(positions: number, width: number, deviation = 0.02): Layer {
  return {
    init: (random) => ({ params: { table: normal(deviation)(random.at('table'), [positions, width]) }, state: {} }),
    apply(scope, input) {
      const table = scope.param('table');
      const steps = input.shape[1]!;
      return tf.add(input, steps === positions ? table : tf.slice(table, [0, 0], [steps, width]));
    },
  };
}

/**
 * Adds sin(t / 10000^(2 i / width)) at the even places 2 i of step t and the cosine at the odd ones.
 *
 * Source: Vaswani et al., "Attention is all you need", 2017, section 3.5.
 */
export const sinusoidalPositions: Layer = {
  init: () => NO_VARIABLES,
  apply(_scope, input: Tensor) {
    const [, steps, width] = input.shape as [number, number, number];
    const values = Float32Array.from({ length: steps * width }, (_, at) => {
      const place = at % width;
      const angle = Math.floor(at / width) / 10000 ** ((place - (place % 2)) / width);
      return place % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    });
    return tf.add(input, tf.tensor(values, [steps, width]));
  },
};
