import * as tf from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { groupLeaves, MAX_PACKED_SIZE, pack, unpack } from './packing.js';

describe('packing', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  const tree = (): Tree => ({
    'a/kernel': tf.tensor2d([
      [1, 2],
      [3, 4],
    ]),
    'a/bias': tf.tensor1d([5, 6, 7]),
    large: tf.zeros([5, 3]),
    count: tf.tensor1d([1, 2], 'int32'),
    'b/scale': tf.scalar(8),
    'b/kernel': tf.tensor3d([[[9], [10]]]),
  });

  it('groups small float32 leaves in the order of the tree and leaves the others alone', () => {
    const { groups, single } = groupLeaves(tree(), { maxSize: 4 });
    expect(groups).toEqual([
      { paths: ['a/kernel', 'a/bias', 'b/scale', 'b/kernel'], shapes: [[2, 2], [3], [], [1, 2, 1]], sizes: [4, 3, 1, 2] },
    ]);
    expect(single).toEqual(['large', 'count']);
  });

  it('keeps kinds apart, and makes no group of one', () => {
    const { groups, single } = groupLeaves(tree(), { maxSize: 4, kind: (path) => path.split('/')[1] });
    expect(groups.map(({ paths }) => paths)).toEqual([['a/kernel', 'b/kernel']]);
    expect(single).toEqual(['a/bias', 'large', 'count', 'b/scale']);
    expect(groupLeaves({ only: tf.ones([2]) })).toEqual({ groups: [], single: ['only'] });
    expect(groupLeaves({})).toEqual({ groups: [], single: [] });
  });

  it('packs up to the default size', () => {
    const leaves: Tree = { a: tf.zeros([MAX_PACKED_SIZE]), b: tf.zeros([MAX_PACKED_SIZE + 1]), c: tf.zeros([1]) };
    expect(groupLeaves(leaves).single).toEqual(['b']);
  });

  it('puts leaves one after another, and back as they were', () => {
    const leaves = tree();
    const group = groupLeaves(leaves, { maxSize: 4 }).groups[0]!;
    const packed = pack(leaves, group);
    expect(packed.shape).toEqual([10]);
    expect([...packed.dataSync()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const back = unpack(packed, group);
    expect(Object.keys(back)).toEqual(group.paths);
    for (const path of group.paths) {
      expect(back[path]!.shape).toEqual(leaves[path]!.shape);
      expect([...back[path]!.dataSync()]).toEqual([...leaves[path]!.dataSync()]);
    }
  });

  it('names a leaf that is missing', () => {
    const group = groupLeaves(tree(), { maxSize: 4 }).groups[0]!;
    expect(() => pack({ 'a/kernel': tf.ones([2, 2]) }, group)).toThrow(/a\/bias/);
  });
});
