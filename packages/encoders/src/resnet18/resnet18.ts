import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { definePiece, type Encoder } from '@equimodal/core';
import { batchNorm, checkShape, conv2d, globalAveragePool2d, initChildren, maxPool2d, relu, sequential, type Layer } from '@equimodal/nn';
import { z } from 'zod';
import { checkModality } from '../input/input.js';
import { basicBlock, conv3x3 } from './basic-block.js';

const ACCEPTS = ['image', 'spectrogram', 'video'] as const;

/**
 * ResNet-18 in torchvision's layout, for any number of input channels: stem, four stages of two basic blocks, global average pool.
 * No classifier: the features are the pooled maps, 8 width (512) wide. Its stage maps are the outputs of the four stages.
 *
 * The frames of a video go through the network one by one (folded into the batch) and the pool averages over time as well;
 * stage maps are then [batch, time * height, width, channels].
 */
export const resnet18 = definePiece({
  kind: 'encoder',
  id: 'resnet18',
  description: 'ResNet-18 from scratch, any number of input channels; 512 features.',
  facts: {
    accepts: ACCEPTS,
    paper: { title: 'Deep Residual Learning for Image Recognition', venue: 'CVPR 2016', url: 'https://arxiv.org/abs/1512.03385' },
  },
  options: z.strictObject({
    stem: z
      .enum(['imagenet', 'small'])
      .default('imagenet')
      .describe('imagenet: 7x7 convolution with stride 2 and a 3x3 max pool with stride 2; small: 3x3 convolution with stride 1'),
    width: z.int().positive().default(64).describe('channels of the first stage; the features are 8 times as many'),
  }),
  create({ stem, width }, { modality }): Encoder {
    checkModality('resnet18', ACCEPTS, modality);
    const inputs = modality.shape.at(-1)!;
    const conv1 =
      stem === 'small' ? conv3x3(inputs, width) : conv2d({ inputs, filters: width, kernel: 7, stride: 2, padding: 3, bias: false });
    const bn1 = batchNorm({ channels: width });
    const pool = stem === 'small' ? undefined : maxPool2d({ size: 3, stride: 2, padding: 1 });
    const stages = [1, 2, 4, 8].map((factor, i): [string, Layer] => {
      const outputs = width * factor;
      const first = basicBlock({ inputs: i === 0 ? width : outputs / 2, outputs, stride: i === 0 ? 1 : 2 });
      return [`layer${i + 1}`, sequential([first, basicBlock({ inputs: outputs, outputs, stride: 1 })])];
    });
    return {
      featureSize: 8 * width,
      init: (random) => initChildren({ conv1, bn1, ...Object.fromEntries(stages) }, random),
      apply(scope, input) {
        checkShape(input, [null, ...modality.shape], scope.path);
        const batch = input.shape[0]!;
        const frames = modality.kind === 'video' ? tf.reshape(input, [-1, ...modality.shape.slice(1)]) : input;
        let x = relu.apply(scope, bn1.apply(scope.at('bn1'), conv1.apply(scope.at('conv1'), frames)));
        if (pool !== undefined) x = pool.apply(scope.at('maxpool'), x);
        const maps = stages.map(([name, stage]) => {
          x = stage.apply(scope.at(name), x);
          return modality.kind === 'video' ? unfold(x, batch) : x;
        });
        return { features: globalAveragePool2d.apply(scope, maps.at(-1)!), stages: maps };
      },
    };
  },
});

/** [batch * time, height, width, channels] -> [batch, time * height, width, channels] */
function unfold(maps: Tensor, batch: number): Tensor {
  const [frames, height, width, channels] = maps.shape as [number, number, number, number];
  return tf.reshape(maps, [batch, (frames / batch) * height, width, channels]);
}
