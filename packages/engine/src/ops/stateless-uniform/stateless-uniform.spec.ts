import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { expect, it } from 'vitest';
import { onEachEngine } from '../../test-engine/checks.fixture.js';
import { tensorCount } from '../tensor-count.js';
import { philox } from './philox.js';
import { statelessUniform } from './stateless-uniform.js';

function draw(shape: readonly number[], key: readonly [number, number]): number[] {
  return tf.tidy(() => [...statelessUniform(shape, tf.tensor1d([...key], 'int32')).dataSync()]);
}

it('encrypts counters as the published test vectors of Philox 4x32-10 say', () => {
  const zero = Uint32Array.of(0, 0, 0, 0);
  philox(zero, 0, 0);
  expect([...zero]).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  const ones = Uint32Array.of(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff);
  philox(ones, 0xffffffff, 0xffffffff);
  expect([...ones]).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  const pi = Uint32Array.of(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344);
  philox(pi, 0xa4093822, 0x299f31d0);
  expect([...pi]).toEqual([0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
});

onEachEngine(() => {
  // What TensorFlow 2.21's StatelessRandomUniform gives for these int32 seeds.
  it.each([
    [
      [0, 0],
      [0.2110154628753662, 0.7060099840164185, 0.8000633716583252, 0.7707922458648682, 0.38858866691589355],
    ],
    [
      [42, -7],
      [0.39606618881225586, 0.7710427045822144, 0.2565664052963257, 0.7873572111129761, 0.6018772125244141],
    ],
    [
      [-2147483648, 2147483647],
      [0.9418087005615234, 0.43306899070739746, 0.9828633069992065, 0.5043957233428955],
    ],
    [
      [123456789, 987654321],
      [0.7978612184524536, 0.8770014047622681, 0.7122980356216431, 0.6034976243972778],
    ],
  ] as [[number, number], number[]][])('draws the numbers of TensorFlow for the key %j', (key, expected) => {
    expect(draw([expected.length], key)).toEqual(expected);
  });

  it('draws the same numbers far into the sequence, whatever the shape', () => {
    expect(draw([1000, 101], [42, -7]).slice(-3)).toEqual([0.6435877084732056, 0.4190620183944702, 0.8512766361236572]);
    expect(draw([10, 5, 2, 1010], [42, -7]).slice(-3)).toEqual([0.6435877084732056, 0.4190620183944702, 0.8512766361236572]);
    expect(draw([], [0, 0])).toEqual([0.2110154628753662]);
    expect(draw([0, 3], [0, 0])).toEqual([]);
  });

  it('is uniform in [0, 1)', () => {
    const values = draw([100_000], [1, 2]);
    expect(Math.min(...values.slice(0, 50_000))).toBeGreaterThanOrEqual(0);
    expect(values.every((v) => v >= 0 && v < 1)).toBe(true);
    const bins = new Array<number>(10).fill(0);
    for (const v of values) bins[Math.floor(v * 10)]!++;
    // Each bin is binomial(100000, 0.1): 5 standard deviations are 475.
    for (const bin of bins) expect(Math.abs(bin - 10_000)).toBeLessThan(475);
  });

  it('passes no gradient to its key and leaks nothing', () => {
    const before = tensorCount();
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2, 3]);
      const gradient = tf.grad((t) => tf.sum(tf.mul(t, statelessUniform([3], tf.tensor1d([0, 0], 'int32')))))(x);
      expect([...gradient.dataSync()]).toEqual(draw([3], [0, 0]));
    });
    expect(tensorCount()).toBe(before);
  });

  it('refuses a key that is not int32 [2]', () => {
    const key = tf.tensor1d([0, 0]);
    expect(() => statelessUniform([1], key)).toThrow(EquimodalError);
    key.dispose();
  });
});
