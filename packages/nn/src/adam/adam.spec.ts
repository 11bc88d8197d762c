import * as tf from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { adam, adamw, type AdamOptions } from './adam.js';

describe('adam', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  /** Kingma and Ba, algorithm 1, in float64. */
  function reference(
    gradients: number[],
    start: number,
    rate: number,
    { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamOptions,
    decoupled: boolean,
  ): number[] {
    let [p, m, v] = [start, 0, 0];
    return gradients.map((raw, i) => {
      const g = decoupled ? raw : raw + weightDecay * p;
      if (decoupled) p *= 1 - rate * weightDecay;
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      p -= (rate * (m / (1 - beta1 ** (i + 1)))) / (Math.sqrt(v / (1 - beta2 ** (i + 1))) + epsilon);
      return p;
    });
  }

  it.each<[string, AdamOptions, boolean]>([
    ['adam', {}, false],
    ['adam with weight decay and a large epsilon', { weightDecay: 0.1, epsilon: 0.01 }, false],
    ['adam without memory', { beta1: 0, beta2: 0 }, false],
    ['adamw', { weightDecay: 0.1 }, true],
  ])('%s follows the algorithm in float64 over 40 steps', (_name, options, decoupled) => {
    const gradients = Array.from({ length: 40 }, (_, i) => Math.sin(i * 1.7) * 10 ** ((i % 5) - 3));
    const optimizer = decoupled ? adamw(options) : adam(options);
    let params: Tree = { p: tf.scalar(2) };
    let state = optimizer.init(params);
    const actual = gradients.map((gradient) => {
      ({ params, state } = optimizer.update({ params, gradients: { p: tf.scalar(gradient) }, state, learningRate: tf.scalar(0.05) }));
      return params['p']!.dataSync()[0]!;
    });
    for (const [i, value] of reference(gradients, 2, 0.05, options, decoupled).entries())
      expect(actual[i], `step ${i}`).toBeCloseTo(value, 5);
    expect(state['step/p']!.dataSync()[0]).toBe(40);
  });

  it('takes a first step of exactly the rate against the sign, whatever the size of the gradient', () => {
    for (const gradient of [1e-3, -20]) {
      const params: Tree = { p: tf.scalar(0) };
      const optimizer = adam();
      const after = optimizer
        .update({ params, gradients: { p: tf.scalar(gradient) }, state: optimizer.init(params), learningRate: tf.scalar(1) })
        .params['p']!.dataSync()[0]!;
      // Bias correction by float32 powers would be off by 1e-5 here.
      expect(Math.abs(after + Math.sign(gradient)), String(gradient)).toBeLessThan(2e-5 * (Math.abs(gradient) < 1 ? 1 : 0.1));
    }
  });

  it('keeps two sums and a count a path', () => {
    expect(Object.keys(adam().init({ 'a/kernel': tf.ones([2]) }))).toEqual(['first/a/kernel', 'second/a/kernel', 'step/a/kernel']);
  });
});
