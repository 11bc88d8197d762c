import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D, Tensor5D } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import '../../index.js';
import { expectClose, onEachEngine } from '../../test-engine/checks.fixture.js';

onEachEngine(() => {
  it('takes maxima of negative numbers in 3-D', () => {
    tf.tidy(() => {
      const x = tf.tensor5d([-5, -2, -3, -4, -9, -8, -7, -6], [1, 2, 2, 2, 1]);
      expect([...tf.maxPool3d(x, 2, 1, 'valid').dataSync()]).toEqual([-2]);
      expect([...tf.maxPool3d(x, [1, 2, 2], 1, 'valid').dataSync()]).toEqual([-2, -6]);
    });
  });

  it('averages over what lies inside the image, forward and backward', () => {
    tf.tidy(() => {
      // 3 wide windows at a border of one: two entries at the ends, three in the middle.
      const pool = (x: tf.Tensor): tf.Tensor => tf.avgPool(x as Tensor4D, [1, 3], 1, 'same');
      const x = tf.tensor4d([6, 12, 18], [1, 1, 3, 1]);
      expectClose(pool(x).dataSync(), [9, 12, 15]);
      expectClose(
        tf
          .grad(pool)(x, tf.tensor4d([6, 30, 60], [1, 1, 3, 1]))
          .dataSync(),
        [3 + 10, 3 + 10 + 30, 10 + 30],
      );
      const deep = (v: tf.Tensor): tf.Tensor => tf.avgPool3d(v as Tensor5D, [3, 1, 1], 1, 'same');
      const y = tf.tensor5d([6, 12, 18], [1, 3, 1, 1, 1]);
      expectClose(
        tf
          .grad(deep)(y, tf.tensor5d([6, 30, 60], [1, 3, 1, 1, 1]))
          .dataSync(),
        [13, 43, 40],
      );
    });
  });

  it('gives the gradient of a maximum to one entry, also among equals', () => {
    tf.tidy(() => {
      const gradient = tf.grad((x) => tf.maxPool(x as Tensor4D, [1, 3], 1, 'valid'))(tf.ones([1, 1, 3, 1]));
      expect([...gradient.dataSync()].sort()).toEqual([0, 0, 1]);
    });
  });
});
