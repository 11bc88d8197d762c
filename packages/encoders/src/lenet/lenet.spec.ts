import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { crossEntropy, openScope, sgd, valueAndGradients } from '@equimodal/nn';
import type { Tree } from '@equimodal/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { absoluteSum, expectClose, filled, make, pass, sequence, start } from '../input/parity.fixture.js';
import { lenet } from './lenet.js';
import fixture from './lenet.fixture.json' with { type: 'json' };

describe('lenet', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('agrees with PyTorch, forward and backward', () => {
    const encoder = make(lenet, { channels: [3, 4, 5], features: 6 }, 'image', [9, 9, 2]);
    const { params, state } = start(encoder);
    const result = pass(encoder, { params: filled(params), state }, sequence('input', [4, 9, 9, 2]), {
      weights: sequence('weights', [4, 6]),
    });
    expectClose(result.features, fixture.features, 1e-5, 'features');
    expect(result.stageShapes).toEqual([
      [4, 5, 5, 3],
      [4, 3, 3, 4],
      [4, 2, 2, 5],
    ]);
    expect(Object.keys(params).sort()).toEqual(Object.keys(fixture.gradientSums).sort());
    for (const [path, sum] of Object.entries(fixture.gradientSums)) expect(absoluteSum(result.gradients[path]!), path).toBeCloseTo(sum, 3);
  });

  it('has its defaults, on even and odd sizes', () => {
    for (const [height, width] of [
      [32, 32],
      [17, 6],
    ] as const) {
      const encoder = make(lenet, {}, 'spectrogram', [height, width, 1]);
      const result = pass(encoder, start(encoder), sequence('x', [3, height, width, 1]));
      expect([encoder.featureSize, result.features.shape]).toEqual([64, [3, 64]]);
      expect(result.stageShapes.at(-1)).toEqual([3, Math.ceil(height / 16), Math.ceil(width / 16), 64]);
    }
  });

  it('learns a toy problem: which half of the image is bright', () => {
    const encoder = make(lenet, { channels: [4, 8], features: 2 }, 'image', [8, 8, 1]);
    let { params, state }: { params: Tree; state: Tree } = start(encoder);
    const optimizer = sgd({ momentum: 0.9 });
    let memory = optimizer.init(params);
    const labels = tf.tensor1d(
      Array.from({ length: 32 }, (_, i) => i % 2),
      'int32',
    );
    const bright = tf.tensor4d(
      Array.from({ length: 32 * 64 }, (_, i) => (Math.floor(i / 64) % 2 === Math.floor((i % 64) / 32) ? 1 : 0)),
      [32, 8, 8, 1],
    );
    const x = tf.add(bright, sequence('noise', [32, 8, 8, 1]));
    const losses: number[] = [];
    for (let i = 0; i < 25; i++) {
      const { value, aux, gradients } = valueAndGradients(() => {
        const { scope, newState } = openScope({ params, state, training: true });
        return { value: crossEntropy(encoder.apply(scope, x).features, labels), aux: newState() };
      }, params);
      losses.push(value.dataSync()[0]!);
      state = aux;
      ({ params, state: memory } = optimizer.update({ params, gradients, state: memory, learningRate: tf.scalar(0.05) }));
    }
    expect(losses.at(-1)).toBeLessThan(0.15 * losses[0]!);
  });

  it('refuses other kinds and malformed options', () => {
    expect(() => make(lenet, {}, 'vector', [3])).toThrow(expect.objectContaining({ code: 'EQM_CONFIG_INCOMPATIBLE' }));
    expect(lenet.options.safeParse({ channels: [] }).success).toBe(false);
    expect(lenet.options.safeParse({ channels: [256] }).success).toBe(false);
    expect(lenet.options.safeParse({ stride: 2 }).success).toBe(false);
  });
});
