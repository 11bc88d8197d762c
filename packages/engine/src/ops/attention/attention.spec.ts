import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { expect, it } from 'vitest';
import { checkGradients, expectClose, onEachEngine, tensorOf } from '../../test-engine/checks.fixture.js';
import { tensorCount } from '../tensor-count.js';
import { attend, type AttendOptions } from './attention.js';

const HEADS = 2;
const bias = (): tf.Tensor => tf.tensor([0, 0.5, -1e9, 0, 0, 0.25], [2, 1, 1, 3]);
const uniform = (): tf.Tensor => tf.add(tf.mul(tensorOf([2, HEADS, 2, 3], 17), 0.5), 0.5);

/** The definition, number by number, in double precision: queries [2, 2, 4], keys and values [2, 3, 4]. */
function reference(
  q: ArrayLike<number>,
  k: ArrayLike<number>,
  v: ArrayLike<number>,
  offsets: ArrayLike<number>,
  stays: (at: number) => number,
) {
  const out = new Float64Array(2 * 2 * 4);
  for (let b = 0; b < 2; b++)
    for (let h = 0; h < HEADS; h++)
      for (let i = 0; i < 2; i++) {
        const scores = [0, 1, 2].map((j) => {
          let sum = 0;
          for (let c = 0; c < 2; c++) sum += q[(b * 2 + i) * 4 + h * 2 + c]! * k[(b * 3 + j) * 4 + h * 2 + c]!;
          return Math.exp(sum / Math.SQRT2 + offsets[b * 3 + j]!);
        });
        const total = scores.reduce((sum, score) => sum + score, 0);
        scores.forEach((score, j) => {
          const weight = (score / total) * stays(((b * HEADS + h) * 2 + i) * 3 + j);
          for (let c = 0; c < 2; c++) out[(b * 2 + i) * 4 + h * 2 + c]! += weight * v[(b * 3 + j) * 4 + h * 2 + c]!;
        });
      }
  return out;
}

onEachEngine(() => {
  const cases: [string, () => Omit<AttendOptions, 'heads'>][] = [
    ['plain', () => ({})],
    ['with a bias', () => ({ bias: bias() })],
    ['with dropout', () => ({ drop: { uniform: uniform(), rate: 0.4 } })],
    ['with both', () => ({ bias: bias(), drop: { uniform: uniform(), rate: 0.4 } })],
  ];
  it.each(cases)('is the definition, with its gradients: %s', (_name, options) => {
    const before = tensorCount();
    tf.tidy(() => {
      const [q, k, v] = [tensorOf([2, 2, 4], 1), tensorOf([2, 3, 4], 2), tensorOf([2, 3, 4], 3)];
      const chosen = options();
      const offsets = chosen.bias?.dataSync() ?? new Float32Array(6);
      const draws = chosen.drop?.uniform.dataSync();
      const stays = (at: number): number => (draws === undefined ? 1 : draws[at]! >= 0.4 ? 1 / 0.6 : 0);
      const y = attend(q, k, v, { heads: HEADS, ...chosen });
      expect(y.shape).toEqual([2, 2, 4]);
      expectClose(y.dataSync(), reference(q.dataSync(), k.dataSync(), v.dataSync(), offsets, stays), 1e-6);
    });
    checkGradients(
      (q, k, v) => attend(q!, k!, v!, { heads: HEADS, ...options() }),
      [{ shape: [2, 2, 4] }, { shape: [2, 3, 4] }, { shape: [2, 3, 4] }],
    );
    expect(tensorCount()).toBe(before);
  });

  it('refuses a gradient of its gradient, and shapes that do not fit', () => {
    tf.tidy(() => {
      const [q, k] = [tensorOf([2, 2, 4]), tensorOf([2, 3, 4])];
      const gradient = (x: tf.Tensor) => tf.grad((z) => tf.sum(tf.square(attend(z, k, k, { heads: HEADS }))))(x);
      expect(() => tf.grad((x) => tf.sum(tf.square(gradient(x))))(q)).toThrow(/gradient function not found/);
      expect(() => attend(q, k, q, { heads: HEADS })).toThrow(EquimodalError);
      expect(() => attend(q, k, k, { heads: 3 })).toThrow(EquimodalError);
      expect(() => attend(q, tensorOf([1, 3, 4]), k, { heads: HEADS })).toThrow(EquimodalError);
    });
  });
});
