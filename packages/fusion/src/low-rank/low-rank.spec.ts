import { RandomStream, type Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply, expectRows, features } from '../heads/fusion.fixture.js';
import { lowRank } from './low-rank.js';

const context = { modalities: ['x', 'y', 'z'], featureSizes: { x: 2, y: 3, z: 1 }, classes: 2 };
const X = [0.5, -1];
const Y = [2, 0.3, -0.7];
const Z = [1.5];
const given = () => features({ x: [X], y: [Y], z: [Z] });

describe('low-rank', () => {
  beforeAll(async () => void (await startTestEngine()));

  it('equals the full weight tensor on the outer product', () => {
    const rank = 3;
    const fusion = lowRank(context, rank);
    const { params } = fusion.init(new RandomStream(4));
    const own: Tree = { ...params, weights: tf.tensor1d([0.5, -1, 2]), bias: tf.tensor1d([0.1, -0.2]) };
    const [wx, wy, wz] = ['x', 'y', 'z'].map((name) => [
      ...(own[`factors/${name}/kernel`] as tf.Tensor2D).arraySync(),
      [...own[`factors/${name}/bias`]!.dataSync()],
    ]) as [number[][], number[][], number[][]];
    const expected = [0, 1].map((c) => {
      let sum = [0.1, -0.2][c]!;
      for (const [i, x] of [...X, 1].entries())
        for (const [j, y] of [...Y, 1].entries())
          for (const [k, z] of [...Z, 1].entries())
            for (let r = 0; r < rank; r++) {
              const at = r * 2 + c;
              sum += [0.5, -1, 2][r]! * wx[i]![at]! * wy[j]![at]! * wz[k]![at]! * x * y * z;
            }
      return sum;
    });
    expectRows(apply(fusion, own, given()).logits, [expected], 4);
  });

  it('starts where only one modality is present as a linear head of it', () => {
    const fusion = lowRank(context, 1);
    const { params } = fusion.init(new RandomStream(4));
    const kernel = (params['factors/x/kernel'] as tf.Tensor2D).arraySync();
    const { unimodal } = apply(fusion, params, given());
    expectRows(unimodal['x']!, [[0, 1].map((c) => X[0]! * kernel[0]![c]! + X[1]! * kernel[1]![c]! + 1)]);
  });

  it('refuses features of another size', () => {
    const fusion = lowRank(context);
    const { params } = fusion.init(new RandomStream(4));
    expect(() => apply(fusion, params, features({ x: [[1]], y: [Y], z: [Z] }))).toThrow(
      expect.objectContaining({ code: 'EQM_PLUGIN_FAULT' }),
    );
  });
});
