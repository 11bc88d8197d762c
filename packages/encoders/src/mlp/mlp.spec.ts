import * as tf from '@tensorflow/tfjs-core';
import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { absoluteSum, expectClose, expectKeyedDropout, filled, make, pass, sequence, start } from '../input/parity.fixture.js';
import { mlp } from './mlp.js';
import fixture from './mlp.fixture.json' with { type: 'json' };

describe('mlp', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('agrees with PyTorch, forward and backward', () => {
    const encoder = make(mlp, { hidden: [5, 4], features: 3, batchNorm: true }, 'vector', [6]);
    const { params, state } = start(encoder);
    const result = pass(encoder, { params: filled(params), state }, sequence('input', [7, 6]), { weights: sequence('weights', [7, 3]) });
    expectClose(result.features, fixture.features, 1e-5, 'features');
    expect(Object.keys(params).sort()).toEqual(Object.keys(fixture.gradientSums).sort());
    for (const [path, sum] of Object.entries(fixture.gradientSums)) expect(absoluteSum(result.gradients[path]!), path).toBeCloseTo(sum, 4);
  });

  it('has its defaults, and flattens any shape', () => {
    const encoder = make(mlp, {}, 'image', [4, 3, 2]);
    const variables = start(encoder);
    expect(encoder.featureSize).toBe(64);
    expect(Object.fromEntries(Object.entries(variables.params).map(([k, v]) => [k, v.shape]))).toEqual({
      'projection/kernel': [256, 64],
      'projection/bias': [64],
      'layer1/linear/kernel': [24, 256],
      'layer1/linear/bias': [256],
    });
    expect(variables.state).toEqual({});
    expect(pass(encoder, variables, tf.ones([5, 4, 3, 2])).features.shape).toEqual([5, 64]);
  });

  it('is a linear map without hidden layers', () => {
    const encoder = make(mlp, { hidden: [], features: 2 }, 'vector', [3]);
    const variables = start(encoder);
    const x = sequence('x', [4, 3]);
    const expected = tf.matMul(x as tf.Tensor2D, variables.params['projection/kernel'] as tf.Tensor2D);
    expectClose(pass(encoder, variables, x).features, { shape: [4, 2], data: [...expected.dataSync()] }, 1e-6, 'features');
  });

  it('drops hidden units in training only, by the key of the pass', () => {
    const encoder = make(mlp, { hidden: [32], dropout: 0.5 }, 'vector', [3]);
    expectKeyedDropout(encoder, sequence('x', [4, 3]));
  });

  it('depends on its random stream only', () => {
    const encoder = make(mlp, {}, 'vector', [3]);
    const kernel = (seed: number) => [...encoder.init(new RandomStream(seed)).params['projection/kernel']!.dataSync().slice(0, 5)];
    expect(kernel(1)).toEqual(kernel(1));
    expect(kernel(1)).not.toEqual(kernel(2));
  });

  it('refuses tokens, malformed shapes, inputs and options', () => {
    const incompatible = expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE', where: 'modality "m"' });
    expect(() => make(mlp, {}, 'tokens', [3])).toThrow(incompatible);
    expect(() => make(mlp, {}, 'vector', [3, 3])).toThrow(incompatible);
    expect(() => make(mlp, {}, 'vector', [0])).toThrow(incompatible);
    expect(mlp.options.safeParse({ hiden: [3] }).success).toBe(false);
    expect(mlp.options.safeParse({ dropout: 1 }).success).toBe(false);
    const encoder = make(mlp, {}, 'vector', [3]);
    expect(() => pass(encoder, start(encoder), tf.ones([2, 4]))).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
  });
});
