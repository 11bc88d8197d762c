import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose, treeOf } from '../layer/parity.fixture.js';
import { normTree } from '../tree/tree.js';
import { clipByGlobalNorm, clipByValue } from './clip.js';
import fixture from './clip.fixture.json' with { type: 'json' };

describe('clipping', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each(fixture.clips)('by global norm agrees with PyTorch: max $max', ({ max, norm, gradients }) => {
    const tree = treeOf(fixture.gradients);
    expectClose(normTree(tree), { shape: [], data: [norm] }, 1e-6);
    const clipped = clipByGlobalNorm(tree, max);
    for (const [path, expected] of Object.entries(gradients)) expectClose(clipped[path]!, expected, 1e-6, path);
    for (const [path, expected] of Object.entries(gradients))
      expectClose(clipByGlobalNorm(tree, max, normTree(tree))[path]!, expected, 1e-6, path);
  });

  it('by global norm keeps paths and shapes, also of leaves too large to be packed', () => {
    const tree = { a: tf.fill([2, 3], 3), large: tf.fill([20_000], 0.1), b: tf.fill([1], -4), c: tf.scalar(2) };
    // 6 * 9 + 20000 / 100 + 16 + 4
    const norm = Math.sqrt(274);
    const clipped = clipByGlobalNorm(tree, 1);
    expect(Object.entries(clipped).map(([path, leaf]) => [path, leaf.shape])).toEqual([
      ['a', [2, 3]],
      ['large', [20_000]],
      ['b', [1]],
      ['c', []],
    ]);
    for (const [path, value] of [
      ['a', 3],
      ['large', 0.1],
      ['b', -4],
      ['c', 2],
    ] as const)
      expect(clipped[path]!.dataSync()[0]).toBeCloseTo(value / norm, 5);
  });

  it('by value limits every element', () => {
    expect([...clipByValue({ a: tf.tensor1d([-3, 0.5, 2]) }, 1)['a']!.dataSync()]).toEqual([-1, 0.5, 1]);
  });
});
