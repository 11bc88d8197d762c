import * as tf from '@tensorflow/tfjs-core';
import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { valueAndGradients } from '../autodiff/autodiff.js';
import { expectClose, tensorOf } from '../layer/parity.fixture.js';
import { openScope } from '../scope/scope.js';
import { embedding } from './embedding.js';
import fixture from './embedding.fixture.json' with { type: 'json' };

const fault = expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' });

describe('embedding', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const ids = () => tf.tensor(fixture.ids.data, fixture.ids.shape, 'int32');

  it('agrees with PyTorch, forward and backward', () => {
    const params = { table: tensorOf(fixture.table) };
    const { aux, gradients } = valueAndGradients(() => {
      const { scope } = openScope({ params, state: {}, training: true });
      const output = embedding({ vocabulary: 6, size: 3 }).apply(scope, ids());
      return { value: tf.sum(tf.mul(output, tensorOf(fixture.weights))), aux: { output } };
    }, params);
    expectClose(aux.output, fixture.output, 1e-6);
    expectClose(gradients['table']!, fixture.gradient, 1e-6);
  });

  it('embeds padding as zeros, without a gradient', () => {
    const params = { table: tensorOf(fixture.table) };
    const { aux, gradients } = valueAndGradients(() => {
      const { scope } = openScope({ params, state: {}, training: true });
      const output = embedding({ vocabulary: 6, size: 3, padding: 2 }).apply(scope, tf.tensor2d([[2, 1, 2, 5]], undefined, 'int32'));
      return { value: tf.sum(output), aux: { output } };
    }, params);
    const row = (i: number) => fixture.table.data.slice(3 * i, 3 * i + 3);
    expectClose(aux.output, { shape: [1, 4, 3], data: [0, 0, 0, ...row(1), 0, 0, 0, ...row(5)] }, 1e-6);
    expect([...gradients['table']!.dataSync()]).toEqual([0, 1, 0, 0, 0, 1].flatMap((v) => [v, v, v]));
  });

  it('starts standard normal', () => {
    const values = [...embedding({ vocabulary: 100, size: 50 }).init(new RandomStream(1)).params['table']!.dataSync()];
    expect(values.reduce((sum, v) => sum + v * v, 0) / values.length).toBeCloseTo(1, 1);
  });

  it('refuses malformed options and ids that are no integers', () => {
    expect(() => embedding({ vocabulary: 0, size: 3 })).toThrow(fault);
    expect(() => embedding({ vocabulary: 3, size: 3, padding: 3 })).toThrow(fault);
    const layer = embedding({ vocabulary: 3, size: 3 });
    const { params } = layer.init(new RandomStream(0));
    expect(() => layer.apply(openScope({ params, state: {}, training: false }).scope, tf.ones([2]))).toThrow(fault);
  });
});
