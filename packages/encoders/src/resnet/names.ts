import type { WeightName } from '@equimodal/core';

/** What torchvision calls the leaves of a convolution without bias and of a batch norm. */
const CONVOLUTION = [['kernel', 'weight', 'conv2d']] as const;
const BATCH_NORM = [
  ['scale', 'weight', 'as-is'],
  ['offset', 'bias', 'as-is'],
  ['mean', 'running_mean', 'as-is'],
  ['variance', 'running_var', 'as-is'],
] as const;

export interface Trunk {
  /** Convolutions inside a block. */
  readonly convolutions: number;
  /** Blocks of each stage, and whether the shortcut of a block is a convolution. */
  readonly stages: readonly (readonly { readonly downsample: boolean }[])[];
}

/**
 * Where the variables of a residual network stand in a file of torchvision's: `layer1.0.conv1.weight`,
 * `layer2.0.downsample.1.running_mean`. The classifier (`fc`) and the counters (`num_batches_tracked`) have no variable here.
 */
export function torchvisionNames({ convolutions, stages }: Trunk): WeightName[] {
  const pair = (convolution: string, norm: string): WeightName[] =>
    (
      [
        [convolution, CONVOLUTION],
        [norm, BATCH_NORM],
      ] as const
    ).flatMap(([at, leaves]) =>
      leaves.map(([leaf, name, layout]) => ({ path: `${at}/${leaf}`, tensor: `${at}/${name}`.replaceAll('/', '.'), layout })),
    );
  const blocks = stages.flatMap((stage, i) =>
    stage.flatMap(({ downsample }, j) => {
      const block = `layer${i + 1}/${j}`;
      return [
        ...Array.from({ length: convolutions }, (_, k) => pair(`${block}/conv${k + 1}`, `${block}/bn${k + 1}`)).flat(),
        ...(downsample ? pair(`${block}/downsample/0`, `${block}/downsample/1`) : []),
      ];
    }),
  );
  return [...pair('conv1', 'bn1'), ...blocks];
}

/** The stem, then each block. */
export function layersOf({ stages }: Trunk): (readonly string[])[] {
  return [['conv1', 'bn1'], ...stages.flatMap((stage, i) => stage.map((_, j) => [`layer${i + 1}/${j}`]))];
}
