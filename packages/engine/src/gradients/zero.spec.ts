import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { checkGradients, expectClose, onEachEngine } from '../test-engine/checks.fixture.js';
import { installGradients } from './install.js';
import { PIECEWISE_CONSTANT } from './zero.js';

onEachEngine(() => {
  it('installs once', () => {
    const before = tf.getGradient('Greater');
    installGradients();
    expect(tf.getGradient('Greater')).toBe(before);
    for (const name of Object.keys(PIECEWISE_CONSTANT)) expect(tf.getGradient(name), name).toBeDefined();
  });

  const masks: [string, (x: tf.Tensor, y: tf.Tensor) => tf.Tensor][] = [
    ['greater', tf.greater],
    ['greaterEqual', tf.greaterEqual],
    ['less', tf.less],
    ['lessEqual', tf.lessEqual],
    ['equal', tf.equal],
    ['notEqual', tf.notEqual],
    ['logicalAnd', (x, y) => tf.logicalAnd(tf.greater(x, 0), tf.less(y, 0.5))],
    ['logicalOr', (x, y) => tf.logicalOr(tf.greater(x, 0), tf.less(y, 0.5))],
    ['logicalNot', (x) => tf.logicalNot(tf.greater(x, 0))],
    ['isNaN', (x) => tf.isNaN(x)],
    ['any', (x) => tf.any(tf.greater(x, 0), 1, true)],
    ['all', (x) => tf.all(tf.greater(x, 0), 1, true)],
    ['argMax', (x) => tf.expandDims(tf.argMax(x, 1), 1)],
  ];
  it.each(masks)('differentiates a product with the mask %s', (_name, mask) => {
    checkGradients((x, y) => tf.add(y!, tf.mul(tf.square(x!), tf.cast(mask(x!, y!), 'float32'))), [{ shape: [3, 4] }, { shape: [3, 4] }], {
      step: 1e-3,
    });
  });

  it('differentiates a selection by a mask of the same tensor', () => {
    checkGradients((x) => tf.where(tf.greater(x!, 0), tf.square(x!), tf.mul(x!, 3)), [{ shape: [2, 5] }], {
      step: 1e-3,
    });
    tf.tidy(() => {
      const gradient = tf.grad((x) => tf.sum(tf.mul(x, tf.cast(tf.greater(x, 0), 'float32'))));
      expectClose(gradient(tf.tensor1d([-1, 2, 0, 3])).dataSync(), [0, 1, 0, 1]);
    });
  });
});
