import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { addBias } from '@equimodal/engine';
import { xavierNormal, zeros, type Initialiser } from '../initialisers/initialisers.js';
import { checkShape, checkSize } from '../layer/check.js';
import type { Layer } from '../layer/layer.js';

export interface LinearOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Default Xavier normal. */
  readonly kernelInitialiser?: Initialiser;
  /** Default zeros. */
  readonly biasInitialiser?: Initialiser;
}

/**
 * y = x W + b over the last axis: [..., inputs] -> [..., outputs].
 *
 * Parameters: `kernel` [inputs, outputs], `bias` [outputs].
 *
 * @throws EQM_PLUGIN_FAULT on sizes that are not positive integers, and when the input's last axis is not `inputs`.
 */
export function linear({
  inputs,
  outputs,
  bias = true,
  kernelInitialiser = xavierNormal(),
  biasInitialiser = zeros,
}: LinearOptions): Layer {
  checkSize(inputs, 'inputs', 'linear');
  checkSize(outputs, 'outputs', 'linear');
  return {
    init: (random) => ({
      params: {
        kernel: kernelInitialiser(random.at('kernel'), [inputs, outputs]),
        ...(bias ? { bias: biasInitialiser(random.at('bias'), [outputs]) } : {}),
      },
      state: {},
    }),
    apply(scope, input) {
      // Matrix products of higher rank have a wrong gradient for the kernel: fold the leading axes first.
      const leading = input.shape.slice(0, -1);
      checkShape(input, [...leading.map(() => null), inputs], scope.path);
      const rows = input.rank === 2 ? input : tf.reshape(input, [-1, inputs]);
      const product = tf.matMul(rows as tf.Tensor2D, scope.param('kernel') as tf.Tensor2D);
      const output: Tensor = bias ? addBias(product, scope.param('bias')) : product;
      return input.rank === 2 ? output : tf.reshape(output, [...leading, outputs]);
    },
  };
}

/** A linear map into a shared space: the same layer under the name the alignment losses use. */
export const projection = linear;
