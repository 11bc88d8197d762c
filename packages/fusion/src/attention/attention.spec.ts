import { RandomStream, type FusionContext, type Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { openScope } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply, expectRows, expectSame, features } from '../heads/fusion.fixture.js';
import { attention } from './attention.js';

const context: FusionContext = { modalities: ['x', 'y'], featureSizes: { x: 2, y: 3 }, classes: 2 };
const options = { width: 4, tokens: 2, heads: 2, layers: 1 };
const given = () => features({ x: [[1, 2]], y: [[3, -1, 0.5]] });

describe('attention', () => {
  beforeAll(async () => void (await startTestEngine()));

  it('classifies the normalised class token where the blocks add nothing', () => {
    const { params } = attention(context, options).init(new RandomStream(1));
    const idle: Tree = Object.fromEntries(
      Object.entries(params).map(([path, leaf]) => [path, /blocks\/.*(out|linear2)\/kernel/.test(path) ? tf.zerosLike(leaf) : leaf]),
    );
    const own = { ...idle, class: tf.tensor1d([1, 1, -1, -1]), 'head/kernel': tf.tensor2d([1, 0, 0, 1, 0, 0, 0, 0], [4, 2]) };
    const { logits, unimodal } = apply(attention(context, options), own, given());
    expectRows(logits, [[1, 1]], 4);
    expectRows(unimodal['y']!, [[1, 1]], 4);
  });

  it('lets what one modality shows change the answer to another', () => {
    const { params } = attention(context, options).init(new RandomStream(1));
    const logits = (y: number[]) => [...apply(attention(context, options), params, { ...given(), y: tf.tensor2d([y]) }).logits.dataSync()];
    expect(logits([3, -1, 0.5])).not.toEqual(logits([-3, 1, 0.5]));
  });

  it('does not depend on the order of the modalities', () => {
    const { params } = attention(context, options).init(new RandomStream(2));
    const turned = attention({ ...context, modalities: ['y', 'x'] }, options);
    expectSame(apply(turned, params, given()).logits, apply(attention(context, options), params, given()).logits);
  });

  it('reads a modality out as if it were alone', () => {
    const { params } = attention(context, options).init(new RandomStream(3));
    const { unimodal } = apply(attention(context, options), params, given());
    const alone = attention({ ...context, modalities: ['y'] }, options);
    expectSame(unimodal['y']!, apply(alone, params, features({ y: [[3, -1, 0.5]] })).logits);
  });

  it('has one set of tokens a modality and one class token', () => {
    const { params } = attention(context, options).init(new RandomStream(1));
    expect(params['maps/y/kernel']!.shape).toEqual([3, 8]);
    expect(params['positions/x']!.shape).toEqual([2, 4]);
    expect(params['class']!.shape).toEqual([4]);
  });

  it('refuses heads that do not divide the width', () => {
    expect(() => attention(context, { width: 5, heads: 2 })).toThrow(expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }));
  });

  it('drops in training only', () => {
    const fusion = attention(context, { ...options, dropout: 0.5 });
    const { params } = fusion.init(new RandomStream(1));
    const logits = (training: boolean, key: number) => [
      ...fusion.apply(openScope({ params, state: {}, training, key: tf.tensor1d([1, key], 'int32') }).scope, given()).logits.dataSync(),
    ];
    expect(logits(false, 1)).toEqual(logits(false, 2));
    expect(logits(true, 1)).not.toEqual(logits(true, 2));
  });
});
