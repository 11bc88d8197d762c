import { addBias, paddedConv3d } from '@equimodal/engine';
import { kaimingNormal, zeros, type Initialiser } from '../initialisers/initialisers.js';
import { checkShape, checkSize, checkTriple, type Triple } from '../layer/check.js';
import type { Layer } from '../layer/layer.js';
import { checkPadding, resolvePadding, type Padding } from '../padding/padding.js';

export interface Conv3dOptions {
  readonly inputs: number;
  readonly filters: number;
  /** Size of the window. */
  readonly kernel: Triple;
  /** Default 1. */
  readonly stride?: Triple;
  /** A number pads all six sides, as PyTorch does. Default 0. */
  readonly padding?: Padding;
  /** Default true. */
  readonly bias?: boolean;
  /** Default Kaiming normal, fan-out. */
  readonly kernelInitialiser?: Initialiser;
  /** Default zeros. */
  readonly biasInitialiser?: Initialiser;
}

/**
 * Three-dimensional cross-correlation: [batch, time, height, width, inputs] -> [batch, time', height', width', filters].
 *
 * Parameters: `kernel` [kernel time, kernel height, kernel width, inputs, filters], `bias` [filters].
 *
 * @throws EQM_PLUGIN_FAULT on sizes that are not positive integers, on another number of input channels, and when the window does not fit.
 */
export function conv3d(options: Conv3dOptions): Layer {
  const { inputs, filters, bias = true, kernelInitialiser = kaimingNormal(), biasInitialiser = zeros } = options;
  checkSize(inputs, 'inputs', 'conv3d');
  checkSize(filters, 'filters', 'conv3d');
  const kernel = checkTriple(options.kernel, 'kernel', 'conv3d');
  const stride = checkTriple(options.stride ?? 1, 'stride', 'conv3d');
  const padding = checkPadding(options.padding ?? 0, 'conv3d');
  return {
    init: (random) => ({
      params: {
        kernel: kernelInitialiser(random.at('kernel'), [...kernel, inputs, filters]),
        ...(bias ? { bias: biasInitialiser(random.at('bias'), [filters]) } : {}),
      },
      state: {},
    }),
    apply(scope, input) {
      checkShape(input, [null, null, null, null, inputs], scope.path);
      const [time, height, width] = input.shape.slice(1) as [number, number, number];
      const { pad, explicit } = resolvePadding([time, height, width], kernel, stride, padding, scope.path);
      const output = paddedConv3d(input, scope.param('kernel'), stride, explicit ?? pad);
      return bias ? addBias(output, scope.param('bias')) : output;
    },
  };
}
