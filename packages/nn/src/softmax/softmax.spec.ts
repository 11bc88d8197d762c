import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { pure } from '../layer/layer.js';
import { expectClose, runLayer, tensorOf } from '../layer/parity.fixture.js';
import { logSoftmax, softmax } from './softmax.js';
import fixture from './softmax.fixture.json' with { type: 'json' };

describe('softmax', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each([
    ['softmax', softmax, fixture.softmax],
    ['logSoftmax', logSoftmax, fixture.logSoftmax],
  ])('%s agrees with PyTorch, forward and backward', (_name, fn, expected) => {
    const { output, gradients } = runLayer(pure(fn), { params: {}, input: tensorOf(fixture.input), weights: tensorOf(expected.weights) });
    expectClose(output, expected.output, 1e-6);
    expectClose(gradients['input']!, expected.gradient, 1e-6);
  });

  it('is safe for logits of any size', () => {
    const huge = () =>
      tf.tensor2d([
        [1e30, 0, -1e30],
        [-1e4, -1e4, -1e4],
      ]);
    const third = 1 / 3;
    const { output, gradients } = runLayer(pure(softmax), { params: {}, input: huge(), weights: tf.ones([2, 3]) });
    expectClose(output, { shape: [2, 3], data: [1, 0, 0, third, third, third] });
    expect([...gradients['input']!.dataSync()].every(Number.isFinite)).toBe(true);
    expectClose(logSoftmax(tf.tensor2d([[1000, 0]])), { shape: [1, 2], data: [0, -1000] });
  });

  it('works on any rank, over the last axis', () => {
    expectClose(softmax(tf.zeros([2, 2, 4])), { shape: [2, 2, 4], data: Array.from({ length: 16 }, () => 0.25) });
  });
});
