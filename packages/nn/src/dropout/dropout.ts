import * as tf from '@tensorflow/tfjs-core';
import { dropBelow } from '@equimodal/engine';
import { checkRange } from '../layer/check.js';
import type { Layer } from '../layer/layer.js';
import { NO_VARIABLES } from '../tree/tree.js';

export interface DropoutOptions {
  /** Probability that an element is dropped, in [0, 1). */
  readonly rate: number;
}

/**
 * In a training pass, sets each element to zero with probability `rate` and divides the others by 1 - rate; otherwise the identity.
 *
 * The mask comes from `scope.random`: another one each step, the same one when the step is replayed.
 *
 * Source: Srivastava et al., 2014 (inverted form).
 *
 * @throws EQM_PLUGIN_FAULT on a rate outside [0, 1).
 */
export function dropout({ rate }: DropoutOptions): Layer {
  checkRange(rate, 0, 1, 'rate', 'dropout');
  return {
    init: () => NO_VARIABLES,
    apply(scope, input) {
      if (!scope.training || rate === 0) return input;
      return tf.tidy(() => dropBelow(input, scope.random.uniform(input.shape), rate));
    },
  };
}
