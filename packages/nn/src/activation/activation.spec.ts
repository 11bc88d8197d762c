import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose, runLayer } from '../layer/parity.fixture.js';
import { flatten, relu, sigmoid, tanh } from './activation.js';

describe('activations', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const points = [-2, -0.5, 0.25, 1.5];

  it.each([
    ['relu', relu, (x: number) => Math.max(x, 0), (x: number) => (x > 0 ? 1 : 0)],
    ['tanh', tanh, Math.tanh, (x: number) => 1 - Math.tanh(x) ** 2],
    ['sigmoid', sigmoid, (x: number) => 1 / (1 + Math.exp(-x)), (x: number) => Math.exp(-x) / (1 + Math.exp(-x)) ** 2],
  ])('%s and its derivative', (_name, layer, value, derivative) => {
    const { output, gradients } = runLayer(layer, { params: {}, input: tf.tensor1d(points), weights: tf.ones([4]) });
    expectClose(output, { shape: [4], data: points.map(value) });
    expectClose(gradients['input']!, { shape: [4], data: points.map(derivative) });
  });

  it('flattens everything behind the batch axis', () => {
    expect(runLayer(flatten, { params: {}, input: tf.ones([2, 3, 4, 1]), weights: tf.scalar(1) }).output.shape).toEqual([2, 12]);
    expect(runLayer(flatten, { params: {}, input: tf.ones([2, 3]), weights: tf.scalar(1) }).output.shape).toEqual([2, 3]);
  });
});
