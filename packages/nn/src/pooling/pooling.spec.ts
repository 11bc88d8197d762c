import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose, runLayer, tensorOf } from '../layer/parity.fixture.js';
import type { Triple } from '../layer/check.js';
import { avgPool2d, avgPool3d, globalAveragePool2d, globalAveragePool3d, maxPool2d, maxPool3d, type PoolOptions } from './pooling.js';
import fixture from './pooling.fixture.json' with { type: 'json' };
import fixture3d from './pooling3d.fixture.json' with { type: 'json' };

const fault = expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' });

describe('pooling', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const make = (kind: string, options: PoolOptions) =>
    kind === 'global' ? globalAveragePool2d : kind === 'max' ? maxPool2d(options) : avgPool2d(options);

  // The inputs are mostly negative: a padded zero that took part in a maximum would show.
  it.each(Object.entries(fixture))('agrees with PyTorch, forward and backward: %s', (_name, c) => {
    const { output, gradients } = runLayer(make(c.kind, c), { params: {}, input: tensorOf(c.input), weights: tensorOf(c.weights) });
    expectClose(output, c.output);
    expectClose(gradients['input']!, c.gradient);
  });

  const make3d = (kind: string, options: PoolOptions<Triple>) =>
    kind === 'global' ? globalAveragePool3d : kind === 'max' ? maxPool3d(options) : avgPool3d(options);

  it.each(Object.entries(fixture3d))('agrees with PyTorch in three dimensions, forward and backward: %s', (_name, c) => {
    const layer = make3d(c.kind, c as PoolOptions<Triple>);
    const { output, gradients } = runLayer(layer, { params: {}, input: tensorOf(c.input), weights: tensorOf(c.weights) });
    expectClose(output, c.output);
    expectClose(gradients['input']!, c.gradient);
  });

  it('uses the size as the stride unless told', () => {
    const { output } = runLayer(maxPool2d({ size: 2 }), {
      params: {},
      input: tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]),
      weights: tf.ones([1, 1, 1, 1]),
    });
    expect([...output.dataSync()]).toEqual([4]);
  });

  it('refuses malformed options and inputs', () => {
    expect(() => maxPool2d({ size: 0 })).toThrow(fault);
    expect(() => avgPool2d({ size: 2, padding: 2 })).toThrow(fault);
    expect(() => maxPool3d({ size: [1, 3, 0] })).toThrow(fault);
    expect(() => avgPool3d({ size: [1, 3, 3], padding: 1 })).toThrow(fault);
    expect(() => runLayer(maxPool3d({ size: 2 }), { params: {}, input: tf.ones([1, 1, 2, 2, 1]), weights: tf.scalar(1) })).toThrow(fault);
    expect(() => runLayer(maxPool2d({ size: 3 }), { params: {}, input: tf.ones([1, 2, 2, 1]), weights: tf.scalar(1) })).toThrow(fault);
    expect(() => runLayer(maxPool2d({ size: 3 }), { params: {}, input: tf.ones([3, 3]), weights: tf.scalar(1) })).toThrow(fault);
  });
});
