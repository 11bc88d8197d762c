import * as tf from '@tensorflow/tfjs-core';
import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose, runLayer, tensorOf } from '../layer/parity.fixture.js';
import { linear, projection } from './linear.js';
import fixture from './linear.fixture.json' with { type: 'json' };

describe('linear', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const layer = linear({ inputs: 4, outputs: 2 });
  const params = () => ({ kernel: tensorOf(fixture.kernel), bias: tensorOf(fixture.bias) });

  it('agrees with PyTorch, forward and backward', () => {
    const { output, gradients } = runLayer(layer, { params: params(), input: tensorOf(fixture.input), weights: tensorOf(fixture.weights) });
    expectClose(output, fixture.output);
    expectClose(gradients['input']!, fixture.gradients.input);
    expectClose(gradients['kernel']!, fixture.gradients.kernel);
    expectClose(gradients['bias']!, fixture.gradients.bias);
  });

  it('maps the last axis of inputs of any rank, with the same gradients', () => {
    const fold = (stored: { shape: number[]; data: number[] }) => tf.reshape(tensorOf(stored), [3, 1, stored.shape[1]!]);
    const { output, gradients } = runLayer(layer, { params: params(), input: fold(fixture.input), weights: fold(fixture.weights) });
    expect(output.shape).toEqual([3, 1, 2]);
    expectClose(tf.reshape(output, [3, 2]), fixture.output);
    expectClose(gradients['kernel']!, fixture.gradients.kernel);
  });

  it('starts with a Xavier-normal kernel and a zero bias, or with none', () => {
    const { params: start } = linear({ inputs: 100, outputs: 60 }).init(new RandomStream(2));
    const kernel = [...start['kernel']!.dataSync()];
    expect(Math.sqrt(kernel.reduce((s, v) => s + v * v, 0) / kernel.length)).toBeCloseTo(Math.sqrt(2 / 160), 2);
    expect([...start['bias']!.dataSync()].every((v) => v === 0)).toBe(true);
    expect(Object.keys(projection({ inputs: 2, outputs: 2, bias: false }).init(new RandomStream(2)).params)).toEqual(['kernel']);
  });

  it('refuses malformed sizes and inputs', () => {
    expect(() => linear({ inputs: 0, outputs: 2 })).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
    expect(() => linear({ inputs: 2, outputs: 1.5 })).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
    expect(() => runLayer(layer, { params: params(), input: tf.ones([3, 5]), weights: tf.ones([3, 2]) })).toThrow(
      /\[\*, 4\], got \[3, 5\]/,
    );
  });
});
