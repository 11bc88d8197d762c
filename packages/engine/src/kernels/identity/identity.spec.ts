import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import '../../index.js';
import { startTestEngine } from '../../test-engine/test-engine.js';

beforeAll(async () => {
  await startTestEngine('wasm');
});

it.each(['source first', 'copy first'])('shares memory that either handle may outlive (%s)', (order) => {
  const before = tf.memory();
  const held = tf.backend().numDataIds();
  const x = tf.tensor1d([4, 5]);
  const copies = [tf.clone(x), tf.cast(x, 'float32')];
  expect(tf.backend().numDataIds()).toBe(held + 1);
  if (order === 'source first') x.dispose();
  else tf.dispose(copies);
  for (const left of order === 'source first' ? copies : [x]) expect([...left.dataSync()]).toEqual([4, 5]);
  tf.dispose([...copies, x]);
  expect(tf.memory().numTensors).toBe(before.numTensors);
  expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  expect(tf.backend().numDataIds()).toBe(held);
});

it('still converts between types', () => {
  tf.tidy(() => {
    const cast = tf.cast(tf.tensor1d([1.7, 0]), 'int32');
    expect(cast.dtype).toBe('int32');
    expect([...cast.dataSync()]).toEqual([1, 0]);
    expect([...tf.cast(tf.tensor1d([1, 0], 'bool'), 'float32').dataSync()]).toEqual([1, 0]);
  });
});
