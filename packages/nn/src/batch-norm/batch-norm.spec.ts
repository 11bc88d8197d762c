import * as tf from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';
import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose, runLayer, tensorOf } from '../layer/parity.fixture.js';
import { batchNorm } from './batch-norm.js';
import fixture from './batch-norm.fixture.json' with { type: 'json' };

const fault = expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' });

describe('batchNorm', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const layer = batchNorm({ channels: 3 });

  it.each(Object.entries(fixture))('agrees with PyTorch over two training steps and an evaluation: %s', (_name, c) => {
    const params = { scale: tensorOf(c.scale), offset: tensorOf(c.offset) };
    let state: Tree = layer.init(new RandomStream(0)).state;
    for (const step of c.steps) {
      const result = runLayer(layer, { params, state, input: tensorOf(step.input), weights: tensorOf(step.weights) });
      expectClose(result.output, step.output);
      expectClose(result.gradients['input']!, step.gradients.input, 2e-5, 'of the input gradient');
      expectClose(result.gradients['scale']!, step.gradients.scale, 1e-5, 'of the scale gradient');
      expectClose(result.gradients['offset']!, step.gradients.offset, 1e-5, 'of the offset gradient');
      expectClose(result.state['mean']!, step.mean, 1e-5, 'of the running mean');
      expectClose(result.state['variance']!, step.variance, 1e-5, 'of the running variance');
      state = result.state;
    }
    const { input, output, weights, gradients } = c.evaluation;
    const result = runLayer(layer, { params, state, input: tensorOf(input), weights: tensorOf(weights), training: false });
    expectClose(result.output, output);
    expectClose(result.gradients['input']!, gradients.input);
    expectClose(result.gradients['scale']!, gradients.scale);
    expectClose(result.gradients['offset']!, gradients.offset);
    expectClose(result.state['mean']!, c.steps[1]!.mean);
  });

  it('starts as the identity of normalised data', () => {
    const { params, state } = layer.init(new RandomStream(0));
    expect(Object.fromEntries(Object.entries({ ...params, ...state }).map(([k, v]) => [k, [...v.dataSync()]]))).toEqual({
      scale: [1, 1, 1],
      offset: [0, 0, 0],
      mean: [0, 0, 0],
      variance: [1, 1, 1],
    });
  });

  it('refuses malformed options, other channels and a batch of one value', () => {
    expect(() => batchNorm({ channels: 0 })).toThrow(fault);
    expect(() => batchNorm({ channels: 3, momentum: 1.5 })).toThrow(fault);
    expect(() => batchNorm({ channels: 3, epsilon: 0 })).toThrow(fault);
    const { params, state } = layer.init(new RandomStream(0));
    expect(() => runLayer(layer, { params, state, input: tf.ones([2, 4]), weights: tf.ones([2, 4]) })).toThrow(fault);
    expect(() => runLayer(layer, { params, state, input: tf.ones([1, 3]), weights: tf.ones([1, 3]) })).toThrow(/more than one value/);
    expect(runLayer(layer, { params, state, input: tf.ones([1, 3]), weights: tf.ones([1, 3]), training: false }).output.shape).toEqual([
      1, 3,
    ]);
  });
});
