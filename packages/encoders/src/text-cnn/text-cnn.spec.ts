import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { absoluteSum, expectClose, filled, make, pass, sequence, start } from '../input/parity.fixture.js';
import { textCnn } from './text-cnn.js';
import fixture from './text-cnn.fixture.json' with { type: 'json' };

const SMALL = { vocabulary: 9, embedding: 4, widths: [2, 3], filters: 3, dropout: 0 };
const ids = (rows: number[][]) => tf.tensor2d(rows, undefined, 'int32');

describe('text-cnn', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('agrees with PyTorch, forward and backward', () => {
    const encoder = make(textCnn, SMALL, 'tokens', [5]);
    const { params, state } = start(encoder);
    const result = pass(encoder, { params: filled(params), state }, ids(fixture.ids), { weights: sequence('weights', [4, 6]) });
    expectClose(result.features, fixture.features, 1e-5, 'features');
    expect(Object.keys(params).sort()).toEqual(Object.keys(fixture.gradientSums).sort());
    for (const [path, sum] of Object.entries(fixture.gradientSums)) expect(absoluteSum(result.gradients[path]!), path).toBeCloseTo(sum, 4);
  });

  it('does not see padding, even where the bias would win', () => {
    const long = make(textCnn, SMALL, 'tokens', [9]);
    const short = make(textCnn, SMALL, 'tokens', [2]);
    const { params, state } = start(short);
    const variables = { params: { ...filled(params), 'width2/bias': tf.fill([3], 2), 'width3/bias': tf.fill([3], 2) }, state };
    const { features } = pass(short, variables, ids([[3, 5]]));
    const expected = { shape: features.shape, data: [...features.dataSync()] };
    const result = pass(long, variables, ids([[3, 5, 0, 0, 0, 0, 0, 0, 0]]));
    expectClose(result.features, expected, 1e-6, 'features');
    expect(absoluteSum(tf.slice(result.gradients['embedding/table']!, [0, 0], [1, 4]))).toBe(0);
    expect(absoluteSum(pass(long, variables, ids([Array<number>(9).fill(0)])).features)).toBe(0);
  });

  it('has its defaults, and drops features in training only', () => {
    const encoder = make(textCnn, { vocabulary: 10 }, 'tokens', [6]);
    const variables = start(encoder);
    expect(encoder.featureSize).toBe(300);
    expect(textCnn.options.parse({}).vocabulary).toBe(30000);
    expect(variables.params['embedding/table']!.shape).toEqual([10, 128]);
    expect(variables.params['width5/kernel']!.shape).toEqual([5, 1, 128, 100]);
    const zeros = (training: boolean) => {
      const key = tf.tensor1d([1, 2], 'int32');
      return [...pass(encoder, variables, ids([[1, 2, 3, 4, 5, 6]]), { training, key }).features.dataSync()].filter((v) => v === 0).length;
    };
    expect(zeros(true)).toBeGreaterThan(zeros(false) + 100);
  });

  it('refuses other kinds, malformed inputs and options', () => {
    const incompatible = expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE', where: 'modality "m"' });
    expect(() => make(textCnn, SMALL, 'sequence', [3, 3])).toThrow(incompatible);
    expect(textCnn.options.safeParse({ widths: [] }).success).toBe(false);
    expect(textCnn.options.safeParse({ widths: [3, 3] }).success).toBe(false);
    const encoder = make(textCnn, SMALL, 'tokens', [4]);
    expect(() => pass(encoder, start(encoder), ids([[1, 2]]))).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
  });
});
