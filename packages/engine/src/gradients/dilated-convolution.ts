import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap, NamedTensorMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { replaceGradient } from './replace.js';

type Pair = readonly [number, number];

const pairOf = (value: number | Pair): Pair => (typeof value === 'number' ? [value, value] : value);

/** Shape of a filter with its dilation written out. */
function spreadShape([height, width, ...channels]: number[], [byHeight, byWidth]: Pair): number[] {
  return [(height! - 1) * byHeight + 1, (width! - 1) * byWidth + 1, ...channels];
}

/** The filter with zeros between its taps, so that it needs no dilation. */
function spreadFilter(filter: Tensor, dilations: Pair): Tensor {
  const [height, width, ...channels] = filter.shape as [number, number, number, number];
  const rest = channels[0]! * channels[1]!;
  const [byHeight, byWidth] = dilations;
  const apart = tf.pad(tf.reshape(filter, [height, 1, width, 1, rest]), [
    [0, 0],
    [0, byHeight - 1],
    [0, 0],
    [0, byWidth - 1],
    [0, 0],
  ]);
  const [fullHeight, fullWidth] = spreadShape(filter.shape, dilations) as [number, number];
  const spread = tf.reshape(apart, [height * byHeight, width * byWidth, rest]);
  return tf.reshape(tf.slice(spread, [0, 0, 0], [fullHeight, fullWidth, rest]), [fullHeight, fullWidth, ...channels]);
}

/** The taps of a filter's gradient that was written out. */
function gatherTaps(gradient: Tensor, [byHeight, byWidth]: Pair): Tensor {
  const { shape } = gradient;
  return tf.stridedSlice(gradient, [0, 0, 0, 0], shape, [byHeight, byWidth, 1, 1]);
}

const kernel = (name: string, inputs: NamedTensorMap, attrs: NamedAttrMap): Tensor =>
  tf.engine().runKernel(name, inputs, attrs) as unknown as Tensor;

/**
 * The gradients of dilated 2-D convolutions, which TensorFlow.js refuses: the dilation is written out as zeros between the filter's taps,
 * which is right on every engine and costs the products with those zeros in the backward pass. Undilated ones stay as they are.
 */
export function installDilatedConvolutionGradients(): void {
  for (const [kernelName, inputGradient, filterGradient] of [
    [tf.Conv2D, tf.Conv2DBackpropInput, tf.Conv2DBackpropFilter],
    [tf.DepthwiseConv2dNative, tf.DepthwiseConv2dNativeBackpropInput, tf.DepthwiseConv2dNativeBackpropFilter],
  ] as const) {
    const original = tf.getGradient(kernelName);
    replaceGradient({
      kernelName,
      inputsToSave: ['x', 'filter'],
      gradFunc: (dy, saved, attrs) => {
        const dilations = pairOf((attrs['dilations'] ?? 1) as number | Pair);
        if (dilations.every((d) => d === 1)) return original.gradFunc(dy, saved, attrs);
        const [x, filter] = saved as [Tensor4D, Tensor4D];
        const plain = { ...attrs, dilations: [1, 1] } as NamedAttrMap;
        const filterShape = spreadShape(filter.shape, dilations);
        return {
          x: () => kernel(inputGradient, { dy: dy as Tensor, filter: spreadFilter(filter, dilations) }, { ...plain, inputShape: x.shape }),
          filter: () => gatherTaps(kernel(filterGradient, { x, dy: dy as Tensor }, { ...plain, filterShape }), dilations),
        };
      },
    });
  }
}
