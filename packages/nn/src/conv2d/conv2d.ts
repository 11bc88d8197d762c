import { addBias, paddedConv2d } from '@equimodal/engine';
import { kaimingNormal, zeros, type Initialiser } from '../initialisers/initialisers.js';
import { checkPair, checkShape, checkSize, type Pair } from '../layer/check.js';
import type { Layer } from '../layer/layer.js';
import { checkPadding, resolvePadding, type Padding } from '../padding/padding.js';

export interface Conv2dOptions {
  readonly inputs: number;
  readonly filters: number;
  /** Size of the window. */
  readonly kernel: Pair;
  /** Default 1. */
  readonly stride?: Pair;
  /** A number pads all four sides, as PyTorch does. Default 0. */
  readonly padding?: Padding;
  /** Default true. */
  readonly bias?: boolean;
  /** Default Kaiming normal, fan-out. */
  readonly kernelInitialiser?: Initialiser;
  /** Default zeros. */
  readonly biasInitialiser?: Initialiser;
}

/**
 * Two-dimensional cross-correlation: [batch, height, width, inputs] -> [batch, height', width', filters].
 *
 * Parameters: `kernel` [kernel height, kernel width, inputs, filters], `bias` [filters].
 *
 * @throws EQM_PLUGIN_FAULT on sizes that are not positive integers, on another number of input channels, and when the window does not fit.
 */
export function conv2d(options: Conv2dOptions): Layer {
  const { inputs, filters, bias = true, kernelInitialiser = kaimingNormal(), biasInitialiser = zeros } = options;
  checkSize(inputs, 'inputs', 'conv2d');
  checkSize(filters, 'filters', 'conv2d');
  const kernel = checkPair(options.kernel, 'kernel', 'conv2d');
  const stride = checkPair(options.stride ?? 1, 'stride', 'conv2d');
  const padding = checkPadding(options.padding ?? 0, 'conv2d');
  return {
    init: (random) => ({
      params: {
        kernel: kernelInitialiser(random.at('kernel'), [...kernel, inputs, filters]),
        ...(bias ? { bias: biasInitialiser(random.at('bias'), [filters]) } : {}),
      },
      state: {},
    }),
    apply(scope, input) {
      checkShape(input, [null, null, null, inputs], scope.path);
      const { pad, explicit } = resolvePadding([input.shape[1]!, input.shape[2]!], kernel, stride, padding, scope.path);
      const output = paddedConv2d(input, scope.param('kernel'), stride, explicit ?? pad);
      return bias ? addBias(output, scope.param('bias')) : output;
    },
  };
}
