import * as tf from '@tensorflow/tfjs-core';
import type { Tree } from '@equimodal/core';
import { startTestEngine, tensorCount } from '@equimodal/engine';
import { beforeAll, expect, it } from 'vitest';
import { packedProgram, treePacking } from './packing.js';

beforeAll(async () => {
  await startTestEngine();
});

const tree = (): Tree => ({
  'a/kernel': tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]),
  'a/bias': tf.tensor1d([7, 8]),
  steps: tf.scalar(9, 'int32'),
  'b/kernel': tf.range(0, 20_000),
  'b/scale': tf.scalar(10),
});
const valuesOf = (leaves: Tree): Record<string, number[]> =>
  Object.fromEntries(Object.entries(leaves).map(([path, leaf]) => [path, [...leaf.dataSync()]]));

it('carries small float leaves as one flat tensor, the others as they are, and gives the same tree back', () => {
  const before = tensorCount();
  const original = tree();
  const { pack, unpack } = treePacking(original);
  const packed = tf.tidy(() => pack(original) as Record<string, tf.Tensor>);
  expect(Object.keys(packed)).toEqual(['flat/0', 'whole/steps', 'whole/b/kernel']);
  expect([...packed['flat/0']!.dataSync()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 10]);
  const again = tf.tidy(() => unpack(packed) as Record<string, tf.Tensor>);
  expect(Object.keys(again)).toEqual(Object.keys(original));
  expect(Object.values(again).map(({ shape, dtype }) => [shape, dtype])).toEqual(
    Object.values(original).map(({ shape, dtype }) => [shape, dtype]),
  );
  expect(valuesOf(again)).toEqual(valuesOf(original));
  tf.dispose([{ ...packed }, again, { ...original }]);
  expect(tensorCount()).toBe(before);
});

it('packs nothing where there is nothing to gain', () => {
  const one = { only: tf.tensor1d([1, 2]) };
  const { pack, unpack } = treePacking(one);
  const packed = pack(one);
  expect(Object.keys(packed)).toEqual(['whole/only']);
  const again = unpack(packed);
  expect(valuesOf(again)).toEqual({ only: [1, 2] });
  expect(treePacking({}).pack({})).toEqual({});
  tf.dispose([{ ...one }, { ...packed }, { ...again }]);
});

it('makes a program take and give its trees packed', () => {
  const params = { w: tf.tensor2d([[1, 2]]), b: tf.tensor1d([3]) };
  const packing = treePacking(params);
  const program = packedProgram(
    {
      name: 'double',
      run: (inputs) => ({
        params: { w: tf.mul(inputs['params']!['w']!, 2), b: inputs['params']!['b']! },
        out: { s: tf.sum(inputs['x']!['x']!) },
      }),
    },
    { params: packing },
  );
  const outputs = tf.tidy(
    () => program.run({ params: packing.pack(params), x: { x: tf.tensor1d([4, 5]) } }) as Record<string, Record<string, tf.Tensor>>,
  );
  expect(valuesOf(outputs['params']!)).toEqual({ 'flat/0': [2, 4, 3] });
  expect(valuesOf(outputs['out']!)).toEqual({ s: [9] });
  tf.dispose([{ ...params }, outputs]);
});
