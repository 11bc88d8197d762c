import * as tf from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { sgd, type SgdOptions } from './sgd.js';

describe('sgd', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  /** Two steps from p = 1 with the gradients 0.5 and -0.25 at the rate 0.1. */
  function two(options: SgdOptions): number[] {
    const optimizer = sgd(options);
    let params: Tree = { p: tf.scalar(1) };
    let state = optimizer.init(params);
    return [0.5, -0.25].map((gradient) => {
      ({ params, state } = optimizer.update({ params, gradients: { p: tf.scalar(gradient) }, state, learningRate: tf.scalar(0.1) }));
      return params['p']!.dataSync()[0]!;
    });
  }

  it.each<[string, SgdOptions, number[]]>([
    ['plain: p - rate g', {}, [0.95, 0.975]],
    // b = 0.5; then 0.9 * 0.5 - 0.25 = 0.2
    ['momentum', { momentum: 0.9 }, [0.95, 0.93]],
    // g + 0.1 p = 0.6; then -0.25 + 0.094
    ['weight decay', { weightDecay: 0.1 }, [0.94, 0.9556]],
    // g + 0.9 b = 0.95; b = 0.2, -0.25 + 0.18 = -0.07
    ['Nesterov', { momentum: 0.9, nesterov: true }, [0.905, 0.912]],
  ])('%s', (_name, options, expected) => {
    for (const [i, value] of two(options).entries()) expect(value).toBeCloseTo(expected[i]!, 6);
  });

  it('remembers nothing without momentum, else one buffer a path', () => {
    const params: Tree = { 'a/kernel': tf.ones([2]), 'a/bias': tf.ones([1]) };
    expect(sgd().init(params)).toEqual({});
    const state = sgd({ momentum: 0.9 }).init(params);
    expect(Object.keys(state)).toEqual(['momentum/a/kernel', 'momentum/a/bias']);
    expect([...state['momentum/a/kernel']!.dataSync()]).toEqual([0, 0]);
  });
});
