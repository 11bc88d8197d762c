import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { accuracy, crossEntropy, infoNce, selectEngine } from '../index.js';

// One loss or one metric, with plain TensorFlow.js tensors and arrays.
describe('pieces alone', () => {
  beforeAll(async () => void (await selectEngine()));

  it('a loss and its gradient', () => {
    const logits = tf.tensor2d([
      [0, 0],
      [0, 0],
    ]);
    const labels = tf.tensor1d([0, 1], 'int32');
    const { value, grad } = tf.valueAndGrad((x) => crossEntropy(x, labels) as tf.Scalar)(logits);
    expect(value.dataSync()[0]).toBeCloseTo(Math.log(2), 5);
    expect([...grad.dataSync()].map((x) => Math.round(x * 100) / 100)).toEqual([-0.25, 0.25, 0.25, -0.25]);
  });

  it('an alignment loss', () => {
    const features = tf.eye(3) as tf.Tensor;
    // Equal features: -log of a softmax over cosines 1, 0, 0 at temperature 1.
    const value = infoNce(features, features, 1);
    expect(value.dataSync()[0]).toBeCloseTo(-Math.log(Math.E / (Math.E + 2)), 5);
  });

  it('a metric', () => {
    const probabilities = Float32Array.from([0.9, 0.1, 0.2, 0.8, 0.6, 0.4]);
    expect(accuracy({ size: 3, classes: 2, probabilities, labels: Int32Array.from([0, 1, 1]) })).toBeCloseTo(2 / 3);
  });
});
