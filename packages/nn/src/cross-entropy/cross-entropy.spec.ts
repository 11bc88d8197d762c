import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { valueAndGradients } from '../autodiff/autodiff.js';
import { expectClose, tensorOf } from '../layer/parity.fixture.js';
import { crossEntropy } from './cross-entropy.js';
import fixture from './cross-entropy.fixture.json' with { type: 'json' };

const fault = expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' });

describe('crossEntropy', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const labels = () => tf.tensor1d(fixture.labels, 'int32');

  it.each(Object.entries(fixture.cases))('agrees with PyTorch: %s', (_name, c) => {
    const logits = tensorOf(fixture.logits);
    const sampleWeights = c.weighted ? tensorOf(fixture.sampleWeights) : undefined;
    const { value, gradients } = valueAndGradients(
      () => ({ value: crossEntropy(logits, labels(), { smoothing: c.smoothing, sampleWeights }), aux: {} }),
      { logits },
    );
    expectClose(value, { shape: [], data: [c.loss] }, 1e-6);
    expectClose(gradients['logits']!, c.gradient, 1e-6);
  });

  it('gives the true class 1 - smoothing + smoothing / classes', () => {
    // With 31 classes and 0.3: 0.7097 and 0.0097; at uniform logits the loss is log(classes) whatever the target.
    const logits = tf.zeros([2, 31]);
    const targets = tf.tensor1d([3, 30], 'int32');
    const { value, gradients } = valueAndGradients(() => ({ value: crossEntropy(logits, targets, { smoothing: 0.3 }), aux: {} }), {
      logits,
    });
    expect(value.dataSync()[0]).toBeCloseTo(Math.log(31), 5);
    const first = gradients['logits']!.dataSync();
    expect(1 / 31 - 2 * first[3]!).toBeCloseTo(0.7 + 0.3 / 31, 6);
    expect(1 / 31 - 2 * first[0]!).toBeCloseTo(0.3 / 31, 6);
  });

  it('differentiates through the sample weights', () => {
    const logits = tensorOf(fixture.logits);
    const at = (weights: number[]) => crossEntropy(logits, labels(), { sampleWeights: tf.tensor1d(weights) }).dataSync()[0]!;
    const sampleWeights = tf.tensor1d([1, 0.5, 0.25, 2]);
    const { gradients } = valueAndGradients(() => ({ value: crossEntropy(logits, labels(), { sampleWeights }), aux: {} }), {
      sampleWeights,
    });
    const numeric = (at([1, 0.52, 0.25, 2]) - at([1, 0.48, 0.25, 2])) / 0.04;
    expect(gradients['sampleWeights']!.dataSync()[1]).toBeCloseTo(numeric, 3);
  });

  it('stays finite for huge logits and for weights that are all zero', () => {
    const logits = tf.tensor2d([
      [1e5, -1e5],
      [0, 0],
    ]);
    const two = tf.tensor1d([1, 0], 'int32');
    expect(crossEntropy(logits, two).dataSync()[0]).toBeCloseTo(1e5, -1);
    const { value, gradients } = valueAndGradients(
      () => ({ value: crossEntropy(logits, two, { sampleWeights: tf.zeros([2]) }), aux: {} }),
      { logits },
    );
    expect(value.dataSync()[0]).toBe(0);
    expect(gradients['logits']!.dataSync().every((slope) => slope === 0)).toBe(true);
  });

  it('refuses labels, weights and smoothing that do not fit', () => {
    const logits = tensorOf(fixture.logits);
    expect(() => crossEntropy(logits, tf.tensor1d([0, 1], 'int32'))).toThrow(fault);
    expect(() => crossEntropy(logits, labels(), { smoothing: 1.1 })).toThrow(fault);
    expect(() => crossEntropy(logits, labels(), { sampleWeights: tf.ones([3]) })).toThrow(fault);
    expect(() => crossEntropy(tf.ones([4]), labels())).toThrow(fault);
  });
});
