import * as tf from '@tensorflow/tfjs-core';
import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose, runLayer, tensorOf } from '../layer/parity.fixture.js';
import { layerNorm } from './layer-norm.js';
import fixture from './layer-norm.fixture.json' with { type: 'json' };

const fault = expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' });

describe('layerNorm', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each(Object.entries(fixture))('agrees with PyTorch, forward and backward: %s', (_name, c) => {
    const params = { scale: tensorOf(c.scale), offset: tensorOf(c.offset) };
    for (const training of [true, false]) {
      const layer = layerNorm({ size: 4, epsilon: c.epsilon });
      const { output, gradients } = runLayer(layer, { params, input: tensorOf(c.input), weights: tensorOf(c.weights), training });
      expectClose(output, c.output);
      expectClose(gradients['input']!, c.gradients.input, 2e-5, 'of the input gradient');
      expectClose(gradients['scale']!, c.gradients.scale, 1e-5, 'of the scale gradient');
      expectClose(gradients['offset']!, c.gradients.offset, 1e-5, 'of the offset gradient');
    }
  });

  it('starts as the identity of normalised rows', () => {
    const { params, state } = layerNorm({ size: 2 }).init(new RandomStream(0));
    expect(Object.fromEntries(Object.entries(params).map(([k, v]) => [k, [...v.dataSync()]]))).toEqual({ scale: [1, 1], offset: [0, 0] });
    expect(state).toEqual({});
  });

  it('refuses malformed options and other sizes', () => {
    expect(() => layerNorm({ size: 0 })).toThrow(fault);
    expect(() => layerNorm({ size: 3, epsilon: 0 })).toThrow(fault);
    const { params } = layerNorm({ size: 3 }).init(new RandomStream(0));
    expect(() => runLayer(layerNorm({ size: 3 }), { params, input: tf.ones([2, 4]), weights: tf.scalar(1) })).toThrow(fault);
  });
});
