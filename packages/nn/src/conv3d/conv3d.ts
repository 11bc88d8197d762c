import { paddedConv3d } from '@equimodal/engine';
import { convolution, type ConvolutionOptions } from '../convolution/convolution.js';
import { checkTriple } from '../layer/check.js';
import type { Layer } from '../layer/layer.js';

export type Conv3dOptions = ConvolutionOptions<readonly [number, number, number]>;

/**
 * Three-dimensional cross-correlation: [batch, time, height, width, inputs] -> [batch, time', height', width', filters].
 *
 * Parameters: `kernel` [kernel time, kernel height, kernel width, inputs, filters], `bias` [filters].
 *
 * @throws EQM_PLUGIN_FAULT on sizes that are not positive integers, on another number of input channels, and when the window does not fit.
 */
export const conv3d = (options: Conv3dOptions): Layer => convolution({ name: 'conv3d', sizes: checkTriple, op: paddedConv3d }, options);
