import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { firstStep, maxOverTime, meanOverTime, tokenMask, trailingMask } from './time.js';

describe('time', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  // [3, 4, 1]: a gap inside and padding behind; no padding; nothing but padding.
  const steps = () => tf.tensor3d([2, 0, 4, 0, 1, 1, 1, 5, 0, 0, 0, 0], [3, 4, 1]);

  it('masks zeros at the end, not between', () => {
    expect([...trailingMask(steps()).dataSync()]).toEqual([1, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0]);
    expect([...trailingMask(tf.neg(steps())).dataSync()]).toEqual([1, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 0]);
  });

  it('masks tokens of id 0, wherever they stand', () => {
    expect([...tokenMask(tf.tensor2d([[3, 0, 7, 0]], undefined, 'int32')).dataSync()]).toEqual([1, 0, 1, 0]);
  });

  it('pools real steps only', () => {
    const x = tf.add(steps(), 1);
    const mask = trailingMask(steps());
    expect([...meanOverTime(x, mask).dataSync()]).toEqual([3, 3, 0]);
    expect([...maxOverTime(x, mask).dataSync()]).toEqual([5, 6, 0]);
    expect([...meanOverTime(x, undefined).dataSync()]).toEqual([2.5, 3, 1]);
    expect([...maxOverTime(x, undefined).dataSync()]).toEqual([5, 6, 1]);
    expect([...maxOverTime(tf.sub(x, 9), mask).dataSync()]).toEqual([-4, -3, 0]);
    expect([...firstStep(x).dataSync()]).toEqual([3, 2, 1]);
  });

  it('shares the gradient of a shared maximum', () => {
    const gradient = tf.grad((x) => tf.sum(maxOverTime(x, undefined)))(tf.tensor3d([3, 1, 3], [1, 3, 1]));
    expect([...gradient.dataSync()]).toEqual([0.5, 0, 0.5]);
  });
});
