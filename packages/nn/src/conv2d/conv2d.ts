import { paddedConv2d } from '@equimodal/engine';
import { convolution, type ConvolutionOptions } from '../convolution/convolution.js';
import { checkPair } from '../layer/check.js';
import type { Layer } from '../layer/layer.js';

export type Conv2dOptions = ConvolutionOptions<readonly [number, number]>;

/**
 * Two-dimensional cross-correlation: [batch, height, width, inputs] -> [batch, height', width', filters].
 *
 * Parameters: `kernel` [kernel height, kernel width, inputs, filters], `bias` [filters].
 *
 * @throws EQM_PLUGIN_FAULT on sizes that are not positive integers, on another number of input channels, and when the window does not fit.
 */
export const conv2d = (options: Conv2dOptions): Layer => convolution({ name: 'conv2d', sizes: checkPair, op: paddedConv2d }, options);
