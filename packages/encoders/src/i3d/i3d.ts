import * as tf from '@tensorflow/tfjs-core';
import { definePiece, EquimodalError, type Encoder, type ModalitySpec, type WeightName } from '@equimodal/core';
import { avgPool3d, checkShape, dropout, globalAveragePool3d, initChildren, type Layer, type Triple } from '@equimodal/nn';
import { z } from 'zod';
import { checkModality } from '../input/input.js';
import { staged } from '../stages/stages.js';
import { channelsOf, inception, samePool, unit, UNITS, type Branches } from './inception.js';

const ACCEPTS = ['video'] as const;

/** What the fixed pool of the published code spans: frames, rows, columns. */
const WINDOW = [2, 7, 7] as const;

type Row =
  | { readonly name: string; readonly unit: { readonly filters: number; readonly kernel: number; readonly stride?: number } }
  | { readonly name: string; readonly branches: Branches }
  | { readonly name: string; readonly pool: readonly [size: Triple, stride: Triple] };

/** The network from input to output, full size. Source: Carreira and Zisserman, 2017, figure 3; names of pytorch-i3d. */
const TABLE: readonly Row[] = [
  { name: 'Conv3d_1a_7x7', unit: { filters: 64, kernel: 7, stride: 2 } },
  { name: 'MaxPool3d_2a_3x3', pool: [[1, 3, 3], [1, 2, 2]] }, // prettier-ignore
  { name: 'Conv3d_2b_1x1', unit: { filters: 64, kernel: 1 } },
  { name: 'Conv3d_2c_3x3', unit: { filters: 192, kernel: 3 } },
  { name: 'MaxPool3d_3a_3x3', pool: [[1, 3, 3], [1, 2, 2]] }, // prettier-ignore
  { name: 'Mixed_3b', branches: [64, 96, 128, 16, 32, 32] },
  { name: 'Mixed_3c', branches: [128, 128, 192, 32, 96, 64] },
  { name: 'MaxPool3d_4a_3x3', pool: [3, 2] },
  { name: 'Mixed_4b', branches: [192, 96, 208, 16, 48, 64] },
  { name: 'Mixed_4c', branches: [160, 112, 224, 24, 64, 64] },
  { name: 'Mixed_4d', branches: [128, 128, 256, 24, 64, 64] },
  { name: 'Mixed_4e', branches: [112, 144, 288, 32, 64, 64] },
  { name: 'Mixed_4f', branches: [256, 160, 320, 32, 128, 128] },
  { name: 'MaxPool3d_5a_2x2', pool: [2, 2] },
  { name: 'Mixed_5b', branches: [256, 160, 320, 32, 128, 128] },
  { name: 'Mixed_5c', branches: [384, 192, 384, 48, 128, 128] },
];

/** The last rows of the stages: what comes before time, height or width shrinks again, and the end. */
const STAGE_ENDS = ['Conv3d_2c_3x3', 'Mixed_3c', 'Mixed_4f', 'Mixed_5c'] as const;

const options = z.strictObject({
  pool: z
    .enum(['all', 'window'])
    .default('all')
    .describe("all: mean over all that is left; window: the published code's fixed 2x7x7 average pool, then the mean over what it leaves"),
  dropout: z.number().min(0).lt(1).default(0.5).describe('share of features dropped in training'),
  width: z.number().positive().default(1).describe('factor of all channels; the features are 1024 times it'),
});

/**
 * Inception-v1 inflated to three dimensions, no classifier: video [batch, time, h, w, c] -> [batch, 1024 width], in four
 * stages with maps [batch, time, h, w, channels] of 192, 480, 832 and 1024 channels, times the width.
 *
 * Windows are padded as TensorFlow's "same" does; time shrinks to an eighth, height and width to a 32nd, rounded up.
 * Paths and `names` are pytorch-i3d's: `Mixed_3b/b1a/conv3d/kernel` is `Mixed_3b.b1a.conv3d.weight` there.
 *
 * Source: Carreira and Zisserman, "Quo Vadis, Action Recognition? A New Model and the Kinetics Dataset", CVPR 2017.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE for another kind of modality and, with `pool: window`, for videos that leave less than 2x7x7.
 */
export const i3d = definePiece({
  kind: 'encoder',
  id: 'i3d',
  description: 'Inflated 3-D Inception-v1 over a video, any number of input channels; 1024 features.',
  facts: {
    accepts: ACCEPTS,
    staged: true,
    paper: {
      title: 'Quo Vadis, Action Recognition? A New Model and the Kinetics Dataset',
      venue: 'CVPR 2017',
      url: 'https://arxiv.org/abs/1705.07750',
    },
  },
  options,
  create({ pool, dropout: rate, width }, { modality }): Encoder {
    checkModality('i3d', ACCEPTS, modality);
    if (pool === 'window') checkWindow(modality);
    const layers = network(modality.shape[3]!, width);
    const stages = cut(layers);
    const drop = dropout({ rate });
    const window = avgPool3d({ size: WINDOW, stride: 1 });
    const weighted = layers.filter(({ weights }) => weights.length > 0);
    return {
      featureSize: layers.at(-1)!.channels,
      names: weighted.flatMap(({ weights }) => weights),
      layers: weighted.map(({ name }) => [name]),
      init: (random) => initChildren(Object.fromEntries(layers.map(({ name, layer }) => [name, layer])), random),
      ...staged({
        channels: stages.map((stage) => stage.at(-1)!.channels),
        run(scope, number, input) {
          if (number === 1) checkShape(input, [null, ...modality.shape], scope.path);
          return stages[number - 1]!.reduce((x, { name, layer }) => layer.apply(scope.at(name), x), input);
        },
        end(scope, maps) {
          if (pool === 'all') return drop.apply(scope.at('dropout'), globalAveragePool3d.apply(scope, maps));
          // Dropped before the mean, place by place, as the published code does before its classifier.
          return tf.mean(drop.apply(scope.at('dropout'), window.apply(scope, maps)), [1, 2, 3]);
        },
      }),
    };
  },
});

interface Named {
  readonly name: string;
  readonly layer: Layer;
  /** Channels that it gives. */
  readonly channels: number;
  readonly weights: readonly WeightName[];
}

function network(channels: number, width: number): Named[] {
  const scaled = (size: number): number => Math.max(1, Math.round(size * width));
  let inputs = channels;
  return TABLE.map((row): Named => {
    const { name } = row;
    if ('pool' in row) return { name, layer: samePool(...row.pool), channels: inputs, weights: [] };
    if ('unit' in row) {
      const filters = scaled(row.unit.filters);
      const layer = unit({ ...row.unit, inputs, filters });
      inputs = filters;
      return { name, layer, channels: inputs, weights: unitNames(name) };
    }
    const branches = row.branches.map(scaled) as unknown as Branches;
    const layer = inception(inputs, branches);
    inputs = channelsOf(branches);
    return { name, layer, channels: inputs, weights: UNITS.flatMap((branch) => unitNames(`${name}/${branch}`)) };
  });
}

/** The layers of each stage; a pool belongs to the stage that it begins. */
function cut(layers: readonly Named[]): (readonly Named[])[] {
  const ends = STAGE_ENDS.map((end) => 1 + layers.findIndex(({ name }) => name === end));
  return ends.map((end, i) => layers.slice(i === 0 ? 0 : ends[i - 1]!, end));
}

/** Names of one unit's variables in pytorch-i3d. */
function unitNames(path: string): WeightName[] {
  const as = (leaf: string, tensor: string, layout: WeightName['layout']): WeightName => ({
    path: `${path}/${leaf}`,
    tensor: `${path.replaceAll('/', '.')}.${tensor}`,
    layout,
  });
  return [
    as('conv3d/kernel', 'conv3d.weight', 'conv3d'),
    as('bn/scale', 'bn.weight', 'as-is'),
    as('bn/offset', 'bn.bias', 'as-is'),
    as('bn/mean', 'bn.running_mean', 'as-is'),
    as('bn/variance', 'bn.running_var', 'as-is'),
  ];
}

/** Whether the fixed pool fits on what a video comes to. */
function checkWindow({ name, shape }: ModalitySpec): void {
  const left = shape.slice(0, 3).map((size, axis) => Math.ceil(size / SHRINKS[axis]!));
  if (left.every((size, axis) => size >= WINDOW[axis]!)) return;
  const least = WINDOW.map((size, axis) => (size - 1) * SHRINKS[axis]! + 1);
  throw new EquimodalError(
    'EQM_CONFIG_INCOMPATIBLE',
    `encoder "i3d" with pool: window takes videos of at least ${least.join(' x ')}; "${name}" has ${shape.slice(0, 3).join(' x ')}, which leaves ${left.join(' x ')} of the ${WINDOW.join(' x ')} it pools over`,
    { where: `modality "${name}"`, fix: 'Use pool: all, or larger or longer videos.' },
  );
}

/** How many frames, rows and columns of the input become one. */
const SHRINKS = [8, 32, 32] as const;
