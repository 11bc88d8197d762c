import * as tf from '@tensorflow/tfjs-core';
import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Layer } from '../layer/layer.js';
import { expectClose, runLayer, tensorOf, treeOf } from '../layer/parity.fixture.js';
import { lstm } from './lstm.js';
import fixture from './lstm.fixture.json' with { type: 'json' };

describe('lstm', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const last = lstm({ inputs: 3, units: 2 });
  const masked: Layer = { init: (random) => last.init(random), apply: (scope, input) => last.apply(scope, input, tensorOf(fixture.mask)) };

  it.each([
    ['every state', lstm({ inputs: 3, units: 2, returnSequence: true }), fixture.sequence],
    ['the last state', last, fixture.last],
    ['the last real state of padded sequences', masked, fixture.masked],
  ])('agrees with PyTorch, forward and backward: %s', (_name, layer, expected) => {
    const { output, gradients } = runLayer(layer, {
      params: treeOf(fixture.params),
      input: tensorOf(fixture.input),
      weights: tensorOf(expected.weights),
    });
    expectClose(output, expected.output);
    for (const [path, gradient] of Object.entries(expected.gradients)) expectClose(gradients[path]!, gradient, 1e-5, `of ${path}`);
  });

  it('takes a single step', () => {
    const { output, gradients } = runLayer(last, { params: treeOf(fixture.params), input: tf.ones([2, 1, 3]), weights: tf.ones([2, 2]) });
    expect(output.shape).toEqual([2, 2]);
    expect([...gradients['recurrent']!.dataSync()].every((v) => v === 0)).toBe(true);
  });

  it('starts uniform within 1 / sqrt(units)', () => {
    const { params } = lstm({ inputs: 5, units: 16 }).init(new RandomStream(1));
    expect(Object.fromEntries(Object.entries(params).map(([k, v]) => [k, v.shape]))).toEqual({
      kernel: [5, 64],
      recurrent: [16, 64],
      bias: [64],
      recurrentBias: [64],
    });
    const values = [...params['recurrent']!.dataSync()].map(Math.abs);
    expect(Math.max(...values)).toBeLessThanOrEqual(0.25);
    expect(Math.max(...values)).toBeGreaterThan(0.24);
  });

  it('refuses malformed sizes, inputs and masks', () => {
    const fault = expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' });
    expect(() => lstm({ inputs: 3, units: 0 })).toThrow(fault);
    expect(() => runLayer(last, { params: treeOf(fixture.params), input: tf.ones([2, 3]), weights: tf.scalar(1) })).toThrow(fault);
    expect(() => runLayer(masked, { params: treeOf(fixture.params), input: tf.ones([2, 4, 3]), weights: tf.scalar(1) })).toThrow(fault);
  });
});
