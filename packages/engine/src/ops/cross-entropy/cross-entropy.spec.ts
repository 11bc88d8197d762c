import * as tf from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { expect, it } from 'vitest';
import { checkGradients, expectClose, numbers, onEachEngine, tensorOf } from '../../test-engine/checks.fixture.js';
import { tensorCount } from '../tensor-count.js';
import { labelCrossEntropy } from './cross-entropy.js';

const LABELS = [2, 0, 1, 2, 3];
const labels = (): tf.Tensor => tf.tensor1d(LABELS, 'int32');

/** -sum target log softmax, row by row, in double precision. */
function reference(logits: Float32Array, smoothing: number): number[] {
  return LABELS.map((label, row) => {
    const x = [...logits.subarray(4 * row, 4 * row + 4)];
    const total = x.reduce((sum, v) => sum + Math.exp(v), 0);
    return -x.reduce((sum, v, c) => sum + ((c === label ? 1 - smoothing : 0) + smoothing / 4) * Math.log(Math.exp(v) / total), 0);
  });
}

onEachEngine((id) => {
  it.each([0, 0.1, 0.6])('is the definition, by row and as a mean, with smoothing %f', (smoothing) => {
    const before = tensorCount();
    const logits = numbers(20, 6).map((v) => 3 * v);
    const rows = reference(logits, smoothing);
    tf.tidy(() => {
      const x = tf.tensor2d(logits, [5, 4]);
      const byRow = labelCrossEntropy(x, labels(), { smoothing, reduction: 'none' });
      expect(byRow.shape).toEqual([5]);
      expectClose(byRow.dataSync(), rows, 1e-6);
      const mean = labelCrossEntropy(x, labels(), { smoothing });
      expect(mean.shape).toEqual([]);
      expectClose(mean.dataSync(), [rows.reduce((a, b) => a + b, 0) / 5], 1e-6);
    });
    for (const reduction of ['mean', 'none'] as const) {
      checkGradients((x) => labelCrossEntropy(x!, labels(), { smoothing, reduction }), [{ shape: [5, 4] }]);
    }
    expect(tensorCount()).toBe(before);
  });

  it('stays finite for huge logits, and subtracts nothing from a sure answer', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([1e5, -1e5, 0, 0], [2, 2]);
      expectClose(labelCrossEntropy(x, tf.tensor1d([1, 0], 'int32'), { reduction: 'none' }).dataSync(), [2e5, Math.LN2]);
      expectClose(labelCrossEntropy(x, tf.tensor1d([0, 0], 'int32'), { reduction: 'none' }).dataSync(), [0, Math.LN2]);
      const gradient = tf.grad((z) => labelCrossEntropy(z, tf.tensor1d([1, 0], 'int32')))(x);
      expectClose(gradient.dataSync(), [0.5, -0.5, -0.25, 0.25]);
    });
  });

  it('refuses a gradient of its gradient', () => {
    tf.tidy(() => {
      const gradient = (x: tf.Tensor) => tf.grad((z) => tf.square(labelCrossEntropy(z, labels())))(x);
      expect(() => tf.grad((x) => tf.sum(tf.square(gradient(x))))(tensorOf([5, 4]))).toThrow(/gradient function not found/);
    });
  });

  it('refuses labels that do not fit', () => {
    const before = tensorCount();
    tf.tidy(() => {
      const x = tensorOf([5, 4]);
      expect(() => labelCrossEntropy(x, tf.tensor1d([0, 1], 'int32'))).toThrow(EquimodalError);
      expect(() => labelCrossEntropy(x, tf.tensor1d([0, 1, 2, 3, 0]))).toThrow(EquimodalError);
      expect(() => labelCrossEntropy(tensorOf([5]), labels())).toThrow(EquimodalError);
      const outside = id === 'native' ? /outside the valid range/ : /label 4 is none of the 4 classes/;
      expect(() => labelCrossEntropy(x, tf.tensor1d([0, 1, 2, 4, 0], 'int32'))).toThrow(outside);
    });
    expect(tensorCount()).toBe(before);
  });
});
