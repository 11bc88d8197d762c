import { addBias } from '@equimodal/engine';
import type { Tensor } from '@tensorflow/tfjs-core';
import { kaimingNormal, zeros, type Initialiser } from '../initialisers/initialisers.js';
import { checkShape, checkSize } from '../layer/check.js';
import type { Layer } from '../layer/layer.js';
import { checkPadding, resolvePadding, type Padding, type ResolvedPadding, type Sizes } from '../padding/padding.js';

/** Options of a convolution over the axes of `S`; one number stands for all of them. */
export interface ConvolutionOptions<S extends Sizes> {
  readonly inputs: number;
  readonly filters: number;
  /** Size of the window. */
  readonly kernel: number | S;
  /** Default 1. */
  readonly stride?: number | S;
  /** A number pads all sides, as PyTorch does. Default 0. */
  readonly padding?: Padding;
  /** Default true. */
  readonly bias?: boolean;
  /** Default Kaiming normal, fan-out. */
  readonly kernelInitialiser?: Initialiser;
  /** Default zeros. */
  readonly biasInitialiser?: Initialiser;
}

/** What a convolution over some number of axes is made of. */
export interface ConvolutionKind<S extends Sizes> {
  readonly name: string;
  /** A size for each axis, checked. */
  readonly sizes: (given: number | S, option: string, where: string) => S;
  readonly op: (x: Tensor, kernel: Tensor, stride: S, padding: NonNullable<ResolvedPadding<S>['explicit']> | 'same' | 'valid') => Tensor;
}

/**
 * Cross-correlation: [batch, ...sizes, inputs] -> [batch, ...sizes', filters].
 *
 * Parameters: `kernel` [...window, inputs, filters], `bias` [filters].
 *
 * @throws EQM_PLUGIN_FAULT on sizes that are not positive integers, on another number of input channels, and when the window does not fit.
 */
export function convolution<S extends Sizes>({ name, sizes, op }: ConvolutionKind<S>, options: ConvolutionOptions<S>): Layer {
  const { inputs, filters, bias = true, kernelInitialiser = kaimingNormal(), biasInitialiser = zeros } = options;
  checkSize(inputs, 'inputs', name);
  checkSize(filters, 'filters', name);
  const kernel = sizes(options.kernel, 'kernel', name);
  const stride = sizes(options.stride ?? 1, 'stride', name);
  const padding = checkPadding(options.padding ?? 0, name);
  return {
    init: (random) => ({
      params: {
        kernel: kernelInitialiser(random.at('kernel'), [...kernel, inputs, filters]),
        ...(bias ? { bias: biasInitialiser(random.at('bias'), [filters]) } : {}),
      },
      state: {},
    }),
    apply(scope, input) {
      checkShape(input, [null, ...kernel.map(() => null), inputs], scope.path);
      const { pad, explicit } = resolvePadding(input.shape.slice(1, -1) as readonly number[] as S, kernel, stride, padding, scope.path);
      const output = op(input, scope.param('kernel'), stride, explicit ?? pad);
      return bias ? addBias(output, scope.param('bias')) : output;
    },
  };
}
