import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { checkGradients, expectClose, onEachEngine, tensorOf } from '../../test-engine/checks.fixture.js';
import { tensorCount } from '../tensor-count.js';
import type { GeluForm } from './forms.js';
import { gelu } from './gelu.js';

const POINTS = [-6, -2, -0.5, 0, 0.25, 1.5, 7];
// torch.nn.functional.gelu in float64, and x * torch.sigmoid(1.702 x).
const VALUES: [GeluForm, number[]][] = [
  ['exact', [-5.919525866e-9, -0.0455002639, -0.1542687694, 0, 0.1496765814, 1.399789198, 7]],
  ['tanh', [-8.43964898e-11, -0.04540230591, -0.1542859902, 0, 0.1496753507, 1.399571577, 7]],
  ['quick', [-0.0002203535498, -0.06434137686, -0.1496115634, 0, 0.1511996499, 1.391662198, 6.999953128]],
];

onEachEngine(() => {
  it.each(VALUES)('has the values and slopes of its form: %s', (form, expected) => {
    const before = tensorCount();
    tf.tidy(() => {
      const y = gelu(tf.tensor1d(POINTS), form);
      expect(y.shape).toEqual([7]);
      y.dataSync().forEach((value, i) => expect(Math.abs(value - expected[i]!), `at ${POINTS[i]}`).toBeLessThan(1e-6));
    });
    checkGradients((x) => gelu(x!, form), [{ shape: [7], values: POINTS }]);
    checkGradients((x) => gelu(x!, form), [{ shape: [2, 3, 4] }]);
    expect(tensorCount()).toBe(before);
  });

  it('is exact unless told', () => {
    tf.tidy(() => expectClose(gelu(tf.tensor1d(POINTS)).dataSync(), VALUES[0]![1], 1e-6));
  });

  it('refuses a gradient of its gradient', () => {
    tf.tidy(() => {
      const gradient = (x: tf.Tensor) => tf.grad((z) => tf.sum(tf.square(gelu(z))))(x);
      expect(() => tf.grad((x) => tf.sum(tf.square(gradient(x))))(tensorOf([3]))).toThrow(/gradient function not found/);
    });
  });
});
