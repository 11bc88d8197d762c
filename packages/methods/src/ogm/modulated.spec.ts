import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { modulatedPaths } from './modulated.js';

const params = () => ({
  'encoders/image/conv1/kernel': tf.zeros([3, 3, 1, 2]),
  'encoders/image/norm/scale': tf.zeros([2]),
  'encoders/image/out/kernel': tf.zeros([2, 2]),
  'encoders/image/out/bias': tf.zeros([2]),
  'encoders/text/0/kernel': tf.zeros([4, 2]),
  'encoders/text/0/bias': tf.zeros([2]),
  'fusion/heads/image/kernel': tf.zeros([2, 3]),
});
const chosen = (...args: [string[], 'auto' | 'convolutions' | 'encoders']) => [...modulatedPaths(params(), args[0], args[1], 'test')];

describe('modulatedPaths', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('takes the convolutions of an encoder that has some, else all its kernels', () => {
    expect(chosen(['image', 'text'], 'auto')).toEqual([
      ['encoders/image/conv1/kernel', 'image'],
      ['encoders/text/0/kernel', 'text'],
    ]);
  });

  it('takes convolutions only, or all of rank 2 or more, when told to', () => {
    expect(chosen(['image'], 'convolutions')).toEqual([['encoders/image/conv1/kernel', 'image']]);
    expect(chosen(['image'], 'encoders').map(([path]) => path)).toEqual(['encoders/image/conv1/kernel', 'encoders/image/out/kernel']);
  });

  it('refuses an encoder with nothing to modulate', () => {
    const refused = expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' });
    expect(() => chosen(['image', 'text'], 'convolutions')).toThrow(refused);
    expect(() => chosen(['image', 'text'], 'convolutions')).toThrow('"text"');
    expect(() => chosen(['audio'], 'auto')).toThrow(refused);
  });
});
