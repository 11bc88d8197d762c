import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { absoluteSum, expectClose, filled, make, pass, sequence, start } from '../input/parity.fixture.js';
import { conv1d } from './conv1d.js';
import fixture from './conv1d.fixture.json' with { type: 'json' };

/** Zeros from each row's length on: [rows, 5, 2]. */
const padded = (lengths: number[]) =>
  tf.mul(
    sequence('input', [lengths.length, 5, 2]),
    tf.tensor(
      lengths.flatMap((length) => Array.from({ length: 5 }, (_, t) => (t < length ? 1 : 0))),
      [lengths.length, 5, 1],
    ),
  );

describe('conv1d', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each([
    ['max', { pool: 'max', padding: 'zeros' }, [5, 3, 1, 4]],
    ['mean', { pool: 'mean', padding: 'zeros' }, [5, 3, 1, 4]],
    ['batchNorm', { batchNorm: true }, [5, 5, 5, 5]],
  ] as const)('agrees with PyTorch, forward and backward: %s', (name, options, lengths) => {
    const encoder = make(conv1d, { channels: [3, 4], ...options }, 'sequence', [5, 2]);
    const { params, state } = start(encoder);
    const { features, gradientSums } = fixture[name];
    const result = pass(encoder, { params: filled(params), state }, padded([...lengths]), { weights: sequence('weights', [4, 4]) });
    expectClose(result.features, features, 1e-5, 'features');
    expect(Object.keys(params).sort()).toEqual(Object.keys(gradientSums).sort());
    for (const [path, sum] of Object.entries(gradientSums)) expect(absoluteSum(result.gradients[path]!), path).toBeCloseTo(sum, 4);
  });

  it.each([
    ['max', false],
    ['mean', false],
    ['max', true],
  ])('does not see padding: %s, batch norm %s', (pool, batchNorm) => {
    const options = { channels: [3, 4], pool, batchNorm, padding: 'zeros' };
    const long = make(conv1d, options, 'sequence', [5, 2]);
    const short = make(conv1d, options, 'sequence', [3, 2]);
    const fresh = start(short);
    const variables = { params: filled(fresh.params), state: fresh.state };
    const x = padded([3, 3]);
    const { features } = pass(short, variables, tf.slice(x, [0, 0, 0], [2, 3, 2]), { training: false });
    const expected = { shape: features.shape, data: [...features.dataSync()] };
    expectClose(pass(long, variables, x, { training: false }).features, expected, 1e-6, 'features');
  });

  it('has its defaults', () => {
    const encoder = make(conv1d, {}, 'sequence', [6, 2]);
    const variables = start(encoder);
    expect(encoder.featureSize).toBe(128);
    expect(Object.fromEntries(Object.entries(variables.params).map(([k, v]) => [k, v.shape]))).toEqual({
      'block1/conv/kernel': [3, 1, 2, 64],
      'block1/conv/bias': [64],
      'block2/conv/kernel': [3, 1, 64, 128],
      'block2/conv/bias': [128],
    });
    expect(pass(encoder, variables, tf.ones([3, 6, 2])).features.shape).toEqual([3, 128]);
  });

  it('refuses other kinds, malformed inputs and options', () => {
    const incompatible = expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE', where: 'modality "m"' });
    expect(() => make(conv1d, {}, 'image', [3, 3, 1])).toThrow(incompatible);
    expect(conv1d.options.safeParse({ channels: [] }).success).toBe(false);
    expect(conv1d.options.safeParse({ pool: 'last' }).success).toBe(false);
    const encoder = make(conv1d, { channels: [2] }, 'sequence', [4, 3]);
    expect(() => pass(encoder, start(encoder), tf.ones([2, 4, 2]))).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
  });
});
