import * as tf from '@tensorflow/tfjs-core';
import { batchNorm, initChildren, relu, type Layer } from '@equimodal/nn';
import { conv1x1, conv3x3, shortcut, type BlockOptions } from './shortcut.js';

/** A bottleneck's outputs are this many times the channels inside it. */
export const EXPANSION = 4;

/**
 * Residual block of a 1x1, a 3x3 and a 1x1 convolution, outputs / 4 channels wide inside:
 * relu(bn3(conv3(relu(bn2(conv2(relu(bn1(conv1(x)))))))) + shortcut(x)). The stride is the 3x3 convolution's ("v1.5", as in
 * torchvision; the paper has it at the first 1x1).
 *
 * Paths: `conv1`, `bn1`, ..., `conv3`, `bn3`, and `downsample/0`, `downsample/1` where the shape changes.
 *
 * Source: He et al., "Deep Residual Learning for Image Recognition", 2016, figure 5 (right), option B.
 */
export function bottleneck(options: BlockOptions): Layer {
  const { inputs, outputs, stride } = options;
  const inside = outputs / EXPANSION;
  const [conv1, bn1] = [conv1x1(inputs, inside), batchNorm({ channels: inside })];
  const [conv2, bn2] = [conv3x3(inside, inside, stride), batchNorm({ channels: inside })];
  const [conv3, bn3] = [conv1x1(inside, outputs), batchNorm({ channels: outputs })];
  const { downsample } = shortcut(options);
  return {
    init: (random) => initChildren({ conv1, bn1, conv2, bn2, conv3, bn3, ...(downsample === undefined ? {} : { downsample }) }, random),
    apply(scope, input) {
      let x = relu.apply(scope, bn1.apply(scope.at('bn1'), conv1.apply(scope.at('conv1'), input)));
      x = relu.apply(scope, bn2.apply(scope.at('bn2'), conv2.apply(scope.at('conv2'), x)));
      const residual = bn3.apply(scope.at('bn3'), conv3.apply(scope.at('conv3'), x));
      return tf.relu(tf.add(residual, downsample === undefined ? input : downsample.apply(scope.at('downsample'), input)));
    },
  };
}
