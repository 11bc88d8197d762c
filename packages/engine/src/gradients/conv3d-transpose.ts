import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap, Tensor, Tensor5D } from '@tensorflow/tfjs-core';
import { replaceGradient } from './replace.js';

/**
 * The gradient of the transposed 3-D convolution, of which TensorFlow.js has none. It is the input gradient of a convolution, so what flows
 * to its input is that convolution, and what flows to the filter is that convolution's filter gradient.
 */
export function installConv3dTransposeGradient(): void {
  replaceGradient({
    kernelName: tf.Conv3DBackpropInputV2,
    inputsToSave: ['dy', 'filter'],
    gradFunc: (upstream, saved, attrs) => {
      const ddx = upstream as Tensor5D;
      const [dy, filter] = saved as [Tensor5D, Tensor5D];
      const { strides, pad } = attrs as unknown as { strides: number | [number, number, number]; pad: 'valid' | 'same' };
      const filterAttrs = { strides, pad, filterShape: filter.shape } as unknown as NamedAttrMap;
      return {
        dy: () => tf.conv3d(ddx, filter, strides, pad),
        filter: () => tf.engine().runKernel(tf.Conv3DBackpropFilterV2, { x: ddx, dy }, filterAttrs) as unknown as Tensor,
      };
    },
  });
}
