import type { Encoder, EncoderChoice, RecipeConfig } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { learningRates } from './learning-rates.js';

const encoder = (layers?: Encoder['layers']): Encoder => ({
  featureSize: 1,
  init: () => expect.unreachable(),
  apply: () => expect.unreachable(),
  ...(layers === undefined ? {} : { layers }),
});
const paths = [
  'encoders/image/stem/kernel',
  'encoders/image/block/1/kernel',
  'encoders/image/block/10/kernel',
  'encoders/image/norm/scale',
  'fusion/kernel',
];
const rates = (choice: Omit<EncoderChoice, 'use'>, given?: readonly { path: string; scale: number }[]) => {
  const recipe = { modalities: ['image'], encoders: { image: { use: 'net', ...choice } }, training: { learningRates: given } };
  const of = learningRates(recipe as unknown as RecipeConfig, { image: encoder([['stem'], ['block/1'], ['block/10']]) }, paths, [
    'image',
    'text',
  ]);
  return of === undefined ? undefined : paths.map(of);
};

describe('learningRates', () => {
  it('gives layer k of n scale * decay^(n - 1 - k), and the scale to what is in no layer', () => {
    expect(rates({ learningRate: { scale: 2, layerDecay: 0.5 } })).toEqual([0.5, 1, 2, 2, 1]);
  });

  it('lets the longest prefix decide, by whole names; of equal ones that of training', () => {
    const given = [
      { path: 'encoders/image', scale: 5 },
      { path: 'encoders/image/block/1', scale: 7 },
    ];
    expect(rates({ learningRate: { scale: 2, layerDecay: 0.5 } }, given)).toEqual([0.5, 7, 2, 5, 1]);
    expect(rates({ learningRate: { scale: 2 } }, given)).toEqual([5, 7, 5, 5, 1]);
  });

  it('is nothing where every factor is 1', () => {
    expect(rates({})).toBeUndefined();
    expect(rates({ learningRate: { scale: 1 } }, [{ path: 'encoders/text', scale: 0 }])).toBeUndefined();
  });

  it('refuses a rate of an encoder that trains nothing', () => {
    const recipe = { modalities: ['image'], encoders: { image: { use: 'net', learningRate: { scale: 1 } } }, training: {} };
    expect(() => learningRates(recipe as unknown as RecipeConfig, { image: encoder() }, ['fusion/kernel'], ['image'])).toThrow(
      expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE', where: 'encoders.image.learningRate' }),
    );
  });
});
