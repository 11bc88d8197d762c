import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { expectClose, onEachEngine } from '../../test-engine/checks.fixture.js';
import { tensorCount } from '../tensor-count.js';
import { stopGradient } from './stop-gradient.js';

onEachEngine((id) => {
  it('keeps values and stops the gradient', () => {
    const before = tensorCount();
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2, 3]);
      // d/dx x * stop(x^2) = x^2, not 3 x^2.
      const gradient = tf.grad((t) => tf.sum(tf.mul(t, stopGradient(tf.square(t)))))(x);
      expectClose(gradient.dataSync(), [1, 4, 9]);
    });
    expect(tensorCount()).toBe(before);
  });

  it('lets ops without a gradient be used behind it', () => {
    tf.tidy(() => {
      const gradient = tf.grad((t) => tf.sum(tf.mul(t, tf.cast(tf.topk(stopGradient(t), 3).indices, 'float32'))));
      expectClose(gradient(tf.tensor1d([5, 9, 7])).dataSync(), [1, 2, 0]);
    });
  });

  it.each(['source first', 'handle first'])('shares memory that either handle may outlive (%s)', (order) => {
    const before = tensorCount();
    const buffers = tf.memory().numDataBuffers;
    const x = tf.tensor1d([4, 5]);
    const y = stopGradient(x);
    expect(tf.memory().numDataBuffers).toBe(buffers + 1);
    const [first, second] = order === 'source first' ? [x, y] : [y, x];
    first.dispose();
    expect([...second.dataSync()]).toEqual([4, 5]);
    second.dispose();
    expect(tensorCount()).toBe(before);
    expect(tf.memory().numDataBuffers).toBe(buffers);
  });

  it('works on what another op returns without a copy (reshape)', () => {
    const y = tf.tidy(() => stopGradient(tf.reshape(tf.tensor1d([1, 2, 3, 4]), [2, 2])));
    expect([...tf.tidy(() => tf.matMul(y as tf.Tensor2D, y as tf.Tensor2D).dataSync())]).toEqual([7, 10, 15, 22]);
    y.dispose();
  });

  it('does not grow the backend over many uses', () => {
    const x = tf.tensor1d([1, 2]);
    const data = tf.backend().numDataIds();
    for (let i = 0; i < 1000; i++) tf.tidy(() => void stopGradient(x));
    expect(tf.backend().numDataIds()).toBe(data);
    expect([...x.dataSync()]).toEqual([1, 2]);
    x.dispose();
    expect(id).toBeTruthy();
  });
});
