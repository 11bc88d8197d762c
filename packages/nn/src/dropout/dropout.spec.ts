import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { valueAndGradients } from '../autodiff/autodiff.js';
import { openScope } from '../scope/scope.js';
import { dropout } from './dropout.js';

describe('dropout', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const apply = (rate: number, key: [number, number], size = 5000, training = true) =>
    dropout({ rate }).apply(
      openScope({ params: {}, state: {}, training, key: tf.tensor1d(key, 'int32') }).scope.at('drop'),
      tf.ones([size]),
    );

  it('drops its share and keeps the mean', () => {
    const values = [...apply(0.3, [1, 2]).dataSync()];
    const dropped = values.filter((v) => v === 0).length / values.length;
    // Four standard errors of a share.
    expect(Math.abs(dropped - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / 5000));
    expect(values.every((v) => v === 0 || Math.abs(v - 1 / 0.7) < 1e-6)).toBe(true);
  });

  it('repeats its mask for the same key and takes another for the next step', () => {
    const mask = (key: [number, number]) => [...apply(0.5, key, 64).dataSync()];
    expect(mask([1, 2])).toEqual(mask([1, 2]));
    expect(mask([1, 2])).not.toEqual(mask([1, 3]));
  });

  it('passes gradients through the elements it kept', () => {
    const x = tf.ones([64]);
    const { aux, gradients } = valueAndGradients(
      () => {
        const { scope } = openScope({ params: {}, state: {}, training: true, key: tf.tensor1d([1, 2], 'int32') });
        const y = dropout({ rate: 0.5 }).apply(scope, x);
        return { value: tf.sum(y), aux: { y } };
      },
      { x },
    );
    expect([...gradients['x']!.dataSync()]).toEqual([...aux.y.dataSync()]);
  });

  it('is the identity in evaluation and at rate 0, without a key', () => {
    const x = tf.ones([4]);
    expect(dropout({ rate: 0.5 }).apply(openScope({ params: {}, state: {}, training: false }).scope, x)).toBe(x);
    expect(dropout({ rate: 0 }).apply(openScope({ params: {}, state: {}, training: true }).scope, x)).toBe(x);
  });

  it('refuses a rate outside [0, 1)', () => {
    for (const rate of [-0.1, 1, NaN]) expect(() => dropout({ rate })).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
  });
});
