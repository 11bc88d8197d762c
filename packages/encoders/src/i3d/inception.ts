import * as tf from '@tensorflow/tfjs-core';
import { batchNorm, conv3d, initChildren, kaimingUniform, maxPool3d, relu, type Layer, type Triple } from '@equimodal/nn';

export interface UnitOptions {
  readonly inputs: number;
  readonly filters: number;
  readonly kernel: number;
  readonly stride?: number;
}

/**
 * Convolution with `same` padding and no bias, batch norm (epsilon 1e-3, momentum .01) and ReLU:
 * [batch, time, height, width, inputs] -> [batch, ceil(time / stride), ceil(height / stride), ceil(width / stride), filters].
 *
 * Paths: `conv3d`, `bn`, as in pytorch-i3d's `Unit3D`.
 */
export function unit({ inputs, filters, kernel, stride = 1 }: UnitOptions): Layer {
  const conv = conv3d({ inputs, filters, kernel, stride, padding: 'same', bias: false, kernelInitialiser: kaimingUniform() });
  const bn = batchNorm({ channels: filters, epsilon: 1e-3, momentum: 0.01 });
  return {
    init: (random) => initChildren({ conv3d: conv, bn }, random),
    apply: (scope, input) => relu.apply(scope, bn.apply(scope.at('bn'), conv.apply(scope.at('conv3d'), input))),
  };
}

/** Max pool with `same` padding. Its inputs come from a ReLU, so padding with zeros, as pytorch-i3d does, and with nothing are one. */
export const samePool = (size: Triple, stride: Triple): Layer => maxPool3d({ size, stride, padding: 'same' });

/** Filters of the branches: 1x1x1; 1x1x1 before 3x3x3; 1x1x1 before 3x3x3; 1x1x1 behind the pool. */
export type Branches = readonly [b0: number, b1a: number, b1b: number, b2a: number, b2b: number, b3b: number];

/** Channels that an inception module gives. */
export const channelsOf = ([b0, , b1b, , b2b, b3b]: Branches): number => b0 + b1b + b2b + b3b;

/** The units of an inception module, by the names of pytorch-i3d. */
export const UNITS = ['b0', 'b1a', 'b1b', 'b2a', 'b2b', 'b3b'] as const;

/**
 * Inception module: four branches side by side along the channels, of the same time, height and width.
 *
 * Paths: `b0`; `b1a`, `b1b`; `b2a`, `b2b`; `b3b` behind a 3x3x3 max pool with stride 1.
 *
 * Source: Carreira and Zisserman, 2017, figure 3 (Inc.).
 */
export function inception(inputs: number, branches: Branches): Layer {
  const [n0, n1a, n1b, n2a, n2b, n3b] = branches;
  const b0 = unit({ inputs, filters: n0, kernel: 1 });
  const [b1a, b1b] = [unit({ inputs, filters: n1a, kernel: 1 }), unit({ inputs: n1a, filters: n1b, kernel: 3 })];
  const [b2a, b2b] = [unit({ inputs, filters: n2a, kernel: 1 }), unit({ inputs: n2a, filters: n2b, kernel: 3 })];
  const [b3a, b3b] = [samePool(3, 1), unit({ inputs, filters: n3b, kernel: 1 })];
  return {
    init: (random) => initChildren({ b0, b1a, b1b, b2a, b2b, b3b }, random),
    apply(scope, x) {
      const parts = [
        b0.apply(scope.at('b0'), x),
        b1b.apply(scope.at('b1b'), b1a.apply(scope.at('b1a'), x)),
        b2b.apply(scope.at('b2b'), b2a.apply(scope.at('b2a'), x)),
        b3b.apply(scope.at('b3b'), b3a.apply(scope.at('b3a'), x)),
      ];
      return tf.concat(parts, 4);
    },
  };
}
