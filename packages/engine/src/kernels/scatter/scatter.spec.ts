import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import '../../index.js';
import { onEachEngine } from '../../test-engine/checks.fixture.js';

onEachEngine(() => {
  it('leaves the updated tensor as it was', () => {
    const data = tf.backend().numDataIds();
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2, 3]);
      const y = tf.tensorScatterUpdate(x, tf.tensor2d([1], [1, 1], 'int32'), tf.tensor1d([9]));
      expect([...y.dataSync()]).toEqual([1, 9, 3]);
      expect([...x.dataSync()]).toEqual([1, 2, 3]);
    });
    expect(tf.backend().numDataIds()).toBe(data);
  });
});
