import * as tf from '@tensorflow/tfjs-core';
import { batchNorm, initChildren, relu, type Layer } from '@equimodal/nn';
import { conv3x3, shortcut, type BlockOptions } from './shortcut.js';

/**
 * Residual block of two 3x3 convolutions: relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)).
 *
 * The shortcut is the identity, or a strided 1x1 convolution with batch norm (`downsample/0`, `downsample/1`) where the
 * shape changes. Paths: `conv1`, `bn1`, `conv2`, `bn2`, as torchvision names them.
 *
 * Source: He et al., "Deep Residual Learning for Image Recognition", 2016, figure 5 (left), option B.
 */
export function basicBlock(options: BlockOptions): Layer {
  const { inputs, outputs, stride } = options;
  const [conv1, bn1] = [conv3x3(inputs, outputs, stride), batchNorm({ channels: outputs })];
  const [conv2, bn2] = [conv3x3(outputs, outputs), batchNorm({ channels: outputs })];
  const { downsample } = shortcut(options);
  return {
    init: (random) => initChildren({ conv1, bn1, conv2, bn2, ...(downsample === undefined ? {} : { downsample }) }, random),
    apply(scope, input) {
      const inner = relu.apply(scope, bn1.apply(scope.at('bn1'), conv1.apply(scope.at('conv1'), input)));
      const residual = bn2.apply(scope.at('bn2'), conv2.apply(scope.at('conv2'), inner));
      return tf.relu(tf.add(residual, downsample === undefined ? input : downsample.apply(scope.at('downsample'), input)));
    },
  };
}
