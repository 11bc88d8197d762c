import * as tf from '@tensorflow/tfjs-core';
import { definePiece, EquimodalError, type Encoder, type ModalitySpec, type WeightName } from '@equimodal/core';
import { avgPool3d, checkShape, dropout, globalAveragePool3d, initChildren, type Layer, type Triple } from '@equimodal/nn';
import { z } from 'zod';
import { checkModality } from '../input/input.js';
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

const options = z.strictObject({
  pool: z
    .enum(['all', 'window'])
    .default('all')
    .describe("all: mean over all that is left; window: the published code's fixed 2x7x7 average pool, then the mean over what it leaves"),
  dropout: z.number().min(0).lt(1).default(0.5).describe('share of features dropped in training'),
  width: z.number().positive().default(1).describe('factor of all channels; the features are 1024 times it'),
});

/**
 * Inception-v1 inflated to three dimensions, no classifier: video [batch, time, h, w, c] -> [batch, 1024 width].
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
    const { layers, featureSize } = network(modality.shape[3]!, width);
    const drop = dropout({ rate });
    const window = avgPool3d({ size: WINDOW, stride: 1 });
    const weighted = layers.filter(({ weights }) => weights.length > 0);
    return {
      featureSize,
      names: weighted.flatMap(({ weights }) => weights),
      layers: weighted.map(({ name }) => [name]),
      init: (random) => initChildren(Object.fromEntries(layers.map(({ name, layer }) => [name, layer])), random),
      apply(scope, input) {
        checkShape(input, [null, ...modality.shape], scope.path);
        const maps = layers.reduce((x, { name, layer }) => layer.apply(scope.at(name), x), input);
        if (pool === 'all') return { features: drop.apply(scope.at('dropout'), globalAveragePool3d.apply(scope, maps)) };
        // Dropped before the mean, place by place, as the published code does before its classifier.
        return { features: tf.mean(drop.apply(scope.at('dropout'), window.apply(scope, maps)), [1, 2, 3]) };
      },
    };
  },
});

interface Named {
  readonly name: string;
  readonly layer: Layer;
  readonly weights: readonly WeightName[];
}

function network(channels: number, width: number): { readonly layers: readonly Named[]; readonly featureSize: number } {
  const scaled = (size: number): number => Math.max(1, Math.round(size * width));
  let inputs = channels;
  const layers = TABLE.map((row): Named => {
    const { name } = row;
    if ('pool' in row) return { name, layer: samePool(...row.pool), weights: [] };
    if ('unit' in row) {
      const filters = scaled(row.unit.filters);
      const layer = unit({ ...row.unit, inputs, filters });
      inputs = filters;
      return { name, layer, weights: unitNames(name) };
    }
    const branches = row.branches.map(scaled) as unknown as Branches;
    const layer = inception(inputs, branches);
    inputs = channelsOf(branches);
    return { name, layer, weights: UNITS.flatMap((branch) => unitNames(`${name}/${branch}`)) };
  });
  return { layers, featureSize: inputs };
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
