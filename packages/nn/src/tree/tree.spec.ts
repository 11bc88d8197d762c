import * as tf from '@tensorflow/tfjs-core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { globMatcher, modalityOf, selectTree } from './query.js';
import {
  addTrees,
  axpyTree,
  cloneTree,
  disposeTree,
  dotTrees,
  leafOf,
  mapTree,
  mergeVariables,
  normTree,
  prefixTree,
  prefixVariables,
  scaleTree,
  subTree,
  subTrees,
  zerosLikeTree,
  zipTrees,
} from './tree.js';

const read = (tree: Readonly<Record<string, tf.Tensor>>) =>
  Object.fromEntries(Object.entries(tree).map(([path, leaf]) => [path, [...leaf.dataSync()]]));

describe('trees', () => {
  beforeAll(async () => {
    await startTestEngine();
  });
  const a = () => ({ 'x/kernel': tf.tensor2d([[1, 2]]), 'y/bias': tf.tensor1d([3]) });
  const b = () => ({ 'y/bias': tf.tensor1d([10]), 'x/kernel': tf.tensor2d([[5, -1]]) });

  it('adds, subtracts and scales leaf by leaf, by path and not by order', () => {
    expect(read(addTrees(a(), b()))).toEqual({ 'x/kernel': [6, 1], 'y/bias': [13] });
    expect(read(subTrees(a(), b()))).toEqual({ 'x/kernel': [-4, 3], 'y/bias': [-7] });
    expect(read(scaleTree(a(), 2))).toEqual({ 'x/kernel': [2, 4], 'y/bias': [6] });
    expect(read(axpyTree(a(), -1, b()))).toEqual(read(subTrees(a(), b())));
    expect(read(axpyTree(a(), tf.scalar(2), b()))).toEqual({ 'x/kernel': [11, 0], 'y/bias': [23] });
    expect(read(zerosLikeTree(a()))).toEqual({ 'x/kernel': [0, 0], 'y/bias': [0] });
  });

  it('has the inner product and norm of the concatenated vector', () => {
    expect(dotTrees(a(), b()).dataSync()[0]).toBeCloseTo(5 - 2 + 30, 5);
    expect(normTree(a()).dataSync()[0]).toBeCloseTo(Math.sqrt(14), 5);
    expect(normTree({}).dataSync()[0]).toBe(0);
    expect(normTree({ one: tf.scalar(-3) }).dataSync()[0]).toBe(3);
  });

  it('hands paths to the function', () => {
    const seen: string[] = [];
    mapTree(a(), (leaf, path) => (seen.push(path), leaf));
    zipTrees(a(), b(), (leaf, _other, path) => (seen.push(path), leaf));
    expect(seen).toEqual(['x/kernel', 'y/bias', 'x/kernel', 'y/bias']);
  });

  it('names the path of a missing leaf', () => {
    expect(() => leafOf(a(), 'z')).toThrow(/"z".*x\/kernel/);
    expect(() => addTrees(a(), {})).toThrow(/"x\/kernel".*none/);
  });

  it('moves subtrees below and from a prefix', () => {
    const tree = prefixTree('head', a());
    expect(Object.keys(tree)).toEqual(['head/x/kernel', 'head/y/bias']);
    expect(read(subTree('head', { ...tree, 'header/z': tf.scalar(1) }))).toEqual(read(a()));
    const { params, state } = prefixVariables('m', { params: a(), state: { s: tf.scalar(0) } });
    expect([Object.keys(params), Object.keys(state)]).toEqual([['m/x/kernel', 'm/y/bias'], ['m/s']]);
  });

  it('joins disjoint variables and refuses a path used twice', () => {
    const one = { params: { p: tf.scalar(1) }, state: {} };
    expect(Object.keys(mergeVariables([one, { params: { q: tf.scalar(1) }, state: { p: tf.scalar(2) } }]).params)).toEqual(['p', 'q']);
    expect(() => mergeVariables([one, one])).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT', where: 'p' }));
  });

  it('clones into handles of their own', () => {
    const original = a();
    const copy = cloneTree(original);
    disposeTree(original);
    expect(read(copy)['y/bias']).toEqual([3]);
    expect(original['y/bias'].isDisposed).toBe(true);
  });
});

describe('queries', () => {
  const match = (glob: string, path: string) => globMatcher(glob)(path);

  it('matches one segment with * and any number with **', () => {
    expect(match('a/*/c', 'a/b/c')).toBe(true);
    expect(match('a/*/c', 'a/b/b/c')).toBe(false);
    expect(match('a/conv*/kernel', 'a/conv12/kernel')).toBe(true);
    expect(match('**/kernel', 'kernel')).toBe(true);
    expect(match('**/kernel', 'a/b/kernel')).toBe(true);
    expect(match('**/kernel', 'a/b/notkernel')).toBe(false);
    expect(match('a/**/c', 'a/c')).toBe(true);
    expect(match('a/**/c', 'a/b/b/c')).toBe(true);
    expect(match('a/**/**/c', 'a/c')).toBe(true);
    expect(match('a/**', 'a')).toBe(true);
    expect(match('a/**', 'a/b/c')).toBe(true);
    expect(match('a/**', 'ab/c')).toBe(false);
    expect(match('**', 'anything/at/all')).toBe(true);
  });

  it('takes everything else literally', () => {
    expect(match('a.b/c', 'axb/c')).toBe(false);
    expect(match('a.b/(c)', 'a.b/(c)')).toBe(true);
    expect(match('a', 'a/b')).toBe(false);
  });

  it('selects by path, modality and rank together', () => {
    const tree = {
      'encoders/audio/conv1/kernel': tf.zeros([1, 1, 1, 1]),
      'encoders/audio/fc/kernel': tf.zeros([1, 1]),
      'encoders/image/conv1/kernel': tf.zeros([1, 1, 1, 1]),
      'fusion/kernel': tf.zeros([1, 1]),
    };
    expect(Object.keys(selectTree(tree, { modality: 'audio', rank: 4 }))).toEqual(['encoders/audio/conv1/kernel']);
    expect(Object.keys(selectTree(tree, { path: '**/conv1/*' }))).toEqual(['encoders/audio/conv1/kernel', 'encoders/image/conv1/kernel']);
    expect(Object.keys(selectTree(tree, {}))).toHaveLength(4);
    expect(modalityOf('encoders/audio/conv1/kernel')).toBe('audio');
    expect(modalityOf('fusion/kernel')).toBeUndefined();
  });
});
