import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Encoder, ModalitySpec, Scope } from '@equimodal/core';
import { batchNorm, checkShape, conv2d, globalAveragePool2d, initChildren, maxPool2d, relu, sequential } from '@equimodal/nn';
import { z } from 'zod';
import { checkModality } from '../input/input.js';
import { basicBlock } from './basic-block.js';
import { bottleneck, EXPANSION } from './bottleneck.js';
import { layersOf, torchvisionNames } from './names.js';
import { staged } from '../stages/stages.js';
import { conv3x3, hasConvolution, type BlockOptions } from './shortcut.js';

const ACCEPTS = ['image', 'spectrogram', 'video'] as const;

export const facts = {
  accepts: ACCEPTS,
  staged: true,
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
 * Residual network in torchvision's layout: [batch, h, w, c] -> features [batch, 8 width expansion], in four stages with maps
 * [batch, h, w, channels]; the stem belongs to the first.
 *
 * The frames of a video [batch, time, h, w, c] are folded into the batch inside a stage, the pool averages over time as well; its
 * stage maps are [batch, time, h, w, channels].
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
  const stages = plan.map((stage, i) => ({
    name: `layer${i + 1}`,
    layer: sequential(stage.map(make)),
    channels: stage.at(-1)!.outputs,
  }));
  const trunk = { convolutions, stages: plan.map((stage) => stage.map((options) => ({ downsample: hasConvolution(options) }))) };
  const begin = (scope: Scope, frames: Tensor): Tensor => {
    const x = relu.apply(scope, bn1.apply(scope.at('bn1'), conv1.apply(scope.at('conv1'), frames)));
    return pool === undefined ? x : pool.apply(scope.at('maxpool'), x);
  };
  return {
    featureSize: inputs,
    names: torchvisionNames(trunk),
    layers: layersOf(trunk),
    init: (random) => initChildren({ conv1, bn1, ...Object.fromEntries(stages.map(({ name, layer }) => [name, layer])) }, random),
    ...staged({
      channels: stages.map((stage) => stage.channels),
      run(scope, number, input) {
        if (number === 1) checkShape(input, [null, ...modality.shape], scope.path);
        const { name, layer } = stages[number - 1]!;
        const frames = foldTime(input);
        const maps = layer.apply(scope.at(name), number === 1 ? begin(scope, frames) : frames);
        return unfoldTime(maps, input);
      },
      end(scope, maps) {
        const [batch, [width, channels]] = [maps.shape[0]!, maps.shape.slice(-2) as [number, number]];
        // Time, where there is one, is averaged over like height.
        return globalAveragePool2d.apply(scope, maps.rank === 4 ? maps : tf.reshape(maps, [batch, -1, width, channels]));
      },
    }),
  };
}

/** [batch, time, height, width, channels] -> [batch * time, height, width, channels]; images stay as they are. */
function foldTime(x: Tensor): Tensor {
  return x.rank === 4 ? x : tf.reshape(x, [-1, ...x.shape.slice(2)]);
}

/** The opposite of `foldTime`, with batch and time of the tensor that was folded. */
function unfoldTime(x: Tensor, folded: Tensor): Tensor {
  return folded.rank === 4 ? x : tf.reshape(x, [...folded.shape.slice(0, 2), ...x.shape.slice(1)]);
}
