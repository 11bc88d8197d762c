import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { checkOptions, zeroSlot, type Optimizer } from '../optimizer/optimizer.js';
import { updateLeaves } from '../optimizer/update.js';

export interface SgdOptions {
  /** Default 0. */
  readonly momentum?: number;
  /** L2: added to the gradient as weightDecay * parameter. Default 0. */
  readonly weightDecay?: number;
  /** Default false. */
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent, PyTorch's rule:
 * g <- g + weightDecay p; b <- momentum b + g; p <- p - rate b, or p - rate (g + momentum b) with Nesterov.
 *
 * State: `momentum/<path>` (zeros at first) when there is momentum.
 *
 * Source: Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013, in PyTorch's form.
 *
 * @throws EQM_PLUGIN_FAULT on options out of range, or Nesterov without momentum.
 */
export function sgd({ momentum = 0, weightDecay = 0, nesterov = false }: SgdOptions = {}): Optimizer {
  checkOptions('sgd', { momentum, weightDecay }, {});
  if (nesterov && momentum === 0)
    throw new EquimodalError('EQM_PLUGIN_FAULT', 'nesterov needs a momentum above 0', {
      where: 'sgd',
      fix: 'Set momentum, or nesterov to false.',
    });
  return {
    init: (params) => (momentum === 0 ? {} : zeroSlot('momentum', params)),
    update: (input) =>
      updateLeaves(input, momentum === 0 ? [] : ['momentum'], () => {
        const [decayFactor, momentumFactor] = [tf.scalar(weightDecay), tf.scalar(momentum)];
        return {
          update({ param, gradient, slots, rate }) {
            const terms = weightDecay === 0 ? [gradient] : [gradient, tf.mul(param, decayFactor)];
            if (momentum === 0) return { param: tf.sub(param, tf.mul(total(terms), rate)), slots };
            const buffer = total([...terms, tf.mul(slots['momentum']!, momentumFactor)]);
            const direction = nesterov ? total([...terms, tf.mul(buffer, momentumFactor)]) : buffer;
            return { param: tf.sub(param, tf.mul(direction, rate)), slots: { momentum: buffer } };
          },
        };
      }),
  };
}

/** One op, whatever the number of terms. */
function total(terms: Tensor[]): Tensor {
  if (terms.length === 1) return terms[0]!;
  return terms.length === 2 ? tf.add(terms[0]!, terms[1]!) : tf.addN(terms);
}
