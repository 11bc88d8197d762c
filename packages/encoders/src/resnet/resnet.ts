import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Encoder, ModalitySpec } from '@equimodal/core';
import { batchNorm, checkShape, conv2d, globalAveragePool2d, initChildren, maxPool2d, relu, sequential, type Layer } from '@equimodal/nn';
import { z } from 'zod';
import { checkModality } from '../input/input.js';
import { basicBlock } from './basic-block.js';
import { bottleneck, EXPANSION } from './bottleneck.js';
import { layersOf, torchvisionNames } from './names.js';
import { conv3x3, hasConvolution, type BlockOptions } from './shortcut.js';

const ACCEPTS = ['image', 'spectrogram', 'video'] as const;

export const facts = {
  accepts: ACCEPTS,
  paper: { title: 'Deep Residual Learning for Image Recognition', venue: 'CVPR 2016', url: 'https://arxiv.org/abs/1512.03385' },
} as const;

const stem = z
  .enum(['imagenet', 'small'])
  .default('imagenet')
  .describe('imagenet: 7x7 convolution with stride 2 and a 3x3 max pool with stride 2; small: 3x3 convolution with stride 1');

/** The options of one member; its features are `times` the width. */
export const options = (times: number) =>
  z.strictObject({
    stem,
    width: z
      .int()
      .positive()
      .default(64)
      .describe(`channels inside the blocks of the first stage; the features are ${times} times as many`),
  });

export interface ResnetOptions {
  readonly id: string;
  readonly block: 'basic' | 'bottleneck';
  /** Blocks of each of the four stages. */
  readonly blocks: readonly [number, number, number, number];
  readonly stem: 'imagenet' | 'small';
  readonly width: number;
}

/**
 * Residual network in torchvision's layout: [batch, h, w, c] -> features [batch, 8 width expansion], the outputs of four stages as maps.
 *
 * The frames of a video [batch, time, h, w, c] are folded into the batch and the pool averages over time as well; its stage
 * maps are [batch, time * h, w, channels].
 *
 * Source: He et al., "Deep Residual Learning for Image Recognition", 2016, table 1.
 */
export function resnet({ id, block, blocks, stem, width }: ResnetOptions, modality: ModalitySpec): Encoder {
  checkModality(id, ACCEPTS, modality);
  const channels = modality.shape.at(-1)!;
  const [make, expansion, convolutions] = block === 'basic' ? [basicBlock, 1, 2] : [bottleneck, EXPANSION, 3];
  const conv1 =
    stem === 'small'
      ? conv3x3(channels, width)
      : conv2d({ inputs: channels, filters: width, kernel: 7, stride: 2, padding: 3, bias: false });
  const bn1 = batchNorm({ channels: width });
  const pool = stem === 'small' ? undefined : maxPool2d({ size: 3, stride: 2, padding: 1 });
  let inputs = width;
  const plan = blocks.map((count, i) =>
    Array.from({ length: count }, (_, j): BlockOptions => {
      const options = { inputs, outputs: width * 2 ** i * expansion, stride: i > 0 && j === 0 ? 2 : 1 };
      inputs = options.outputs;
      return options;
    }),
  );
  const stages = plan.map((stage, i): [string, Layer] => [`layer${i + 1}`, sequential(stage.map(make))]);
  const trunk = { convolutions, stages: plan.map((stage) => stage.map((options) => ({ downsample: hasConvolution(options) }))) };
  return {
    featureSize: inputs,
    names: torchvisionNames(trunk),
    layers: layersOf(trunk),
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
}

/** [batch * time, height, width, channels] -> [batch, time * height, width, channels] */
function unfold(maps: Tensor, batch: number): Tensor {
  const [frames, height, width, channels] = maps.shape as [number, number, number, number];
  return tf.reshape(maps, [batch, (frames / batch) * height, width, channels]);
}
