import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { weightedMean } from './weighted-mean.js';

beforeAll(async () => void (await startTestEngine()));

it('divides by the sum of the weights, and is 0 without any', () => {
  const values = tf.tensor1d([1, 4, -2]);
  expect(weightedMean(values, tf.tensor1d([1, 0.5, 0])).dataSync()[0]).toBeCloseTo(2, 6);
  expect(weightedMean(values, tf.zeros([3])).dataSync()[0]).toBe(0);
});
