import * as tf from '@tensorflow/tfjs-core';
import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Triple } from '../layer/check.js';
import { expectClose, runLayer, tensorOf } from '../layer/parity.fixture.js';
import type { Padding } from '../padding/padding.js';
import { openScope } from '../scope/scope.js';
import { conv3d } from './conv3d.js';
import fixture from './conv3d.fixture.json' with { type: 'json' };

const fault = expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' });

describe('conv3d', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each(Object.entries(fixture))('agrees with PyTorch, forward and backward: %s', (_name, c) => {
    const [kernel, stride] = [c.kernelSize as unknown as Triple, c.stride as unknown as Triple];
    const layer = conv3d({ inputs: 2, filters: 2, kernel, stride, padding: c.padding as Padding });
    const { output, gradients } = runLayer(layer, {
      params: { kernel: tensorOf(c.kernel), bias: tensorOf(c.bias) },
      input: tensorOf(c.input),
      weights: tensorOf(c.weights),
    });
    expectClose(output, c.output);
    expectClose(gradients['input']!, c.gradients.input, 1e-5, 'of the input gradient');
    expectClose(gradients['kernel']!, c.gradients.kernel, 1e-5, 'of the kernel gradient');
    expectClose(gradients['bias']!, c.gradients.bias, 1e-5, 'of the bias gradient');
  });

  it('starts with Kaiming normal, fan-out, by path', () => {
    const layer = conv3d({ inputs: 8, filters: 32, kernel: [1, 3, 5], bias: false });
    const { params, state } = layer.init(new RandomStream(1));
    expect([Object.keys(params), Object.keys(state)]).toEqual([['kernel'], []]);
    expect(params['kernel']!.shape).toEqual([1, 3, 5, 8, 32]);
    const values = [...params['kernel']!.dataSync()];
    expect(Math.sqrt(values.reduce((s, v) => s + v * v, 0) / values.length)).toBeCloseTo(Math.sqrt(2 / (15 * 32)), 2);
  });

  it('refuses malformed options and inputs', () => {
    expect(() => conv3d({ inputs: 1, filters: 0, kernel: 3 })).toThrow(fault);
    expect(() => conv3d({ inputs: 1, filters: 1, kernel: [3, 3, 0] })).toThrow(fault);
    expect(() => conv3d({ inputs: 1, filters: 1, kernel: 3, padding: -1 })).toThrow(fault);
    const layer = conv3d({ inputs: 2, filters: 1, kernel: [2, 5, 5] });
    const { params } = layer.init(new RandomStream(1));
    const { scope } = openScope({ params, state: {}, training: false });
    expect(() => layer.apply(scope, tf.ones([1, 4, 8, 8, 3]))).toThrow(/\[\*, \*, \*, \*, 2\]/);
    expect(() => layer.apply(scope, tf.ones([1, 8, 8, 2]))).toThrow(fault);
    expect(() => layer.apply(scope, tf.ones([1, 1, 8, 8, 2]))).toThrow(fault);
  });
});
