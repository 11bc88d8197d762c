import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';
import { checkGradients, onEachEngine } from '../test-engine/checks.fixture.js';

onEachEngine(() => {
  const axes: [string, number[] | number | undefined, boolean][] = [
    ['all axes', undefined, false],
    ['the first', 0, false],
    ['the last, kept', -1, true],
    ['the middle ones', [1, 2], false],
    ['outer ones that are no neighbours', [0, 2], false],
    ['no neighbours, kept', [1, 3], true],
  ];
  it.each(axes)('differentiates sum and mean over %s', (_name, axis, keepDims) => {
    checkGradients((x) => tf.sum(tf.square(x!), axis, keepDims), [{ shape: [2, 3, 2, 2] }]);
    checkGradients((x) => tf.mean(tf.square(x!), axis, keepDims), [{ shape: [2, 3, 2, 2] }]);
  });
});
