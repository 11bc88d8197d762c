import type { EquimodalError, WeightName } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { fileShape, fromFile } from '../layout/layout.js';
import { firstNames, matchWeights } from './match.js';

const file = (shapes: Record<string, readonly number[]>) => ({
  path: 'w.safetensors',
  tensors: new Map(Object.entries(shapes).map(([name, shape]) => [name, { dtype: 'F32', shape, offsets: [0, 0] as const }])),
});
const names: WeightName[] = [
  { path: 'conv/kernel', tensor: 'conv.weight', layout: 'conv2d' },
  { path: 'norm/mean', tensor: 'bn.running_mean', layout: 'as-is' },
  { path: 'head/kernel', tensor: 'fc.weight', layout: 'linear' },
];
const variables = { 'conv/kernel': [3, 5, 2, 4], 'norm/mean': [4], 'head/kernel': [4, 6], extra: [2] };
const right = { 'conv.weight': [4, 2, 3, 5], 'bn.running_mean': [4], 'fc.weight': [6, 4] };
const failure = (work: () => unknown): EquimodalError => {
  try {
    work();
  } catch (error) {
    return error as EquimodalError;
  }
  throw new Error('it did not fail');
};

describe('layouts', () => {
  const counted = (shape: readonly number[]) => ({
    shape,
    values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  });
  const at = ({ shape, values }: { shape: readonly number[]; values: ArrayLike<number> }, index: readonly number[]) =>
    values[index.reduce((sum, i, axis) => sum * shape[axis]! + i, 0)];

  it('puts every number where it belongs', () => {
    const linear = counted([2, 3]);
    expect(at(fromFile(linear, 'linear'), [2, 1])).toBe(at(linear, [1, 2]));
    const conv2d = counted([2, 3, 4, 5]);
    expect(fromFile(conv2d, 'conv2d').shape).toEqual([4, 5, 3, 2]);
    expect(at(fromFile(conv2d, 'conv2d'), [3, 1, 2, 1])).toBe(at(conv2d, [1, 2, 3, 1]));
    const conv3d = counted([2, 3, 2, 4, 5]);
    expect(fromFile(conv3d, 'conv3d').shape).toEqual([2, 4, 5, 3, 2]);
    expect(at(fromFile(conv3d, 'conv3d'), [1, 3, 2, 0, 1])).toBe(at(conv3d, [1, 0, 1, 3, 2]));
    expect(fromFile(conv3d, 'as-is')).toEqual(conv3d);
  });

  it('knows the shape in the file', () => {
    expect(fileShape([7, 7, 3, 64], 'conv2d')).toEqual([64, 3, 7, 7]);
    expect(fileShape([3, 7, 7, 3, 64], 'conv3d')).toEqual([64, 3, 3, 7, 7]);
    expect(fileShape([10, 20], 'linear')).toEqual([20, 10]);
    expect(fileShape([10, 20], 'as-is')).toEqual([10, 20]);
  });
});

describe('matchWeights', () => {
  it('finds what is there, below a prefix, and says what stays fresh and what nothing takes', () => {
    const prefixed = Object.fromEntries(Object.entries(right).map(([name, shape]) => [`net.${name}`, shape]));
    const all = file({ 'bn.num_batches_tracked': [], ...prefixed, other: [1] });
    expect(matchWeights(all, names, variables, { prefix: 'net.', skip: (path) => path === 'norm/mean' })).toEqual({
      found: [
        { path: 'conv/kernel', tensor: 'net.conv.weight', layout: 'conv2d' },
        { path: 'head/kernel', tensor: 'net.fc.weight', layout: 'linear' },
      ],
      fresh: ['norm/mean', 'extra'],
      unused: ['net.bn.running_mean', 'other', 'bn.num_batches_tracked'],
    });
  });

  it('names every variable that is missing or of another shape', () => {
    const error = failure(() =>
      matchWeights(file({ ...right, 'conv.weight': [4, 3, 3, 5], 'fc.weights': [6, 4], 'fc.weight': [4, 6] }), names, variables),
    );
    expect(error).toMatchObject({ code: 'EQM_WEIGHTS_MISMATCH', where: 'w.safetensors' });
    expect(error.problems.map(({ message }) => message)).toEqual([
      'conv/kernel: "conv.weight" is [4, 3, 3, 5], and [4, 2, 3, 5] is needed',
      'head/kernel: "fc.weight" is [4, 6], and [6, 4] is needed',
    ]);
    expect(
      failure(() => matchWeights(file({ 'conv.weight': right['conv.weight'], 'bn.runing_mean': [4] }), names, variables)).problems[0]!
        .message,
    ).toContain('did you mean "bn.runing_mean"');
  });

  it('names ten at most, and counts the rest', () => {
    const many = Array.from({ length: 13 }, (_, i): WeightName => ({ path: `p${i}`, tensor: `t${i}`, layout: 'as-is' }));
    const error = failure(() => matchWeights(file({}), many, Object.fromEntries(many.map(({ path }) => [path, [1]]))));
    expect(error.message).toContain('13 of 13');
    expect(error.problems).toHaveLength(11);
    expect(error.problems.at(-1)!.message).toBe('and 3 more');
    expect(firstNames(many.map(({ path }) => path))).toBe('p0, p1, p2, p3, p4, p5, p6, p7, p8, p9 and 3 more');
  });

  it('blames the encoder for a name of no variable, and for a layout of another rank', () => {
    for (const name of [
      { path: 'conv/kernl', tensor: 'conv.weight', layout: 'conv2d' },
      { path: 'conv/kernel', tensor: 'conv.weight', layout: 'linear' },
    ] as const) {
      expect(failure(() => matchWeights(file(right), [name], variables))).toMatchObject({ code: 'EQM_PLUGIN_FAULT', where: name.path });
    }
  });

  it('takes a tensor under an older name', () => {
    const norm: WeightName[] = [{ path: 'norm/scale', tensor: 'LayerNorm.weight', aliases: ['LayerNorm.gamma'], layout: 'as-is' }];
    const match = (tensor: string) => matchWeights(file({ [tensor]: [4] }), norm, { 'norm/scale': [4] }).found[0]!.tensor;
    expect(match('LayerNorm.weight')).toBe('LayerNorm.weight');
    expect(match('LayerNorm.gamma')).toBe('LayerNorm.gamma');
  });

  it('says which prefix is missing', () => {
    const prefixed = file(Object.fromEntries(Object.entries(right).map(([name, shape]) => [`net.${name}`, shape])));
    expect(failure(() => matchWeights(prefixed, names, variables)).fix).toContain('prefix: "net."');
    expect(matchWeights(prefixed, names, variables, { prefix: 'net.' }).found).toHaveLength(3);
  });
});
