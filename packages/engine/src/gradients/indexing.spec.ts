import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { checkGradients, onEachEngine } from '../test-engine/checks.fixture.js';

onEachEngine(() => {
  const slices: [string, number[], number[], number[]][] = [
    ['steps of two', [0, 1], [5, 6], [2, 2]],
    ['steps of three that do not reach the end', [1, 0], [5, 4], [3, 3]],
    ['a negative step', [4, 5], [0, 0], [-2, -1]],
    ['a plain box', [1, 2], [3, 5], [1, 1]],
  ];
  it.each(slices)('differentiates a strided slice (%s)', (_name, begin, end, strides) => {
    checkGradients((x) => tf.square(tf.stridedSlice(x!, begin, end, strides)), [{ shape: [5, 6] }]);
  });

  it('differentiates a strided slice that drops and adds axes', () => {
    checkGradients((x) => tf.square(tf.stridedSlice(x!, [1, 0, 0], [2, 4, 3], [1, 1, 1], 0, 0, 0, 0, 1)), [{ shape: [3, 4, 3] }]);
    checkGradients((x) => tf.square(tf.stridedSlice(x!, [0, 1], [1, 3], [1, 1], 0, 0, 0, 1, 0)), [{ shape: [4, 3] }]);
  });

  it('differentiates gatherND, also where a place is gathered twice', () => {
    checkGradients(
      (x) =>
        tf.square(
          tf.gatherND(
            x!,
            tf.tensor2d(
              [
                [0, 1],
                [2, 2],
                [0, 1],
              ],
              [3, 2],
              'int32',
            ),
          ),
        ),
      [{ shape: [3, 4] }],
    );
    checkGradients((x) => tf.square(tf.gatherND(x!, tf.tensor2d([[2], [0], [2]], [3, 1], 'int32'))), [{ shape: [3, 4] }]);
  });

  it('differentiates gather (embeddings)', () => {
    checkGradients((x) => tf.square(tf.gather(x!, tf.tensor1d([1, 0, 1, 3], 'int32'))), [{ shape: [4, 3] }]);
    checkGradients(
      (x) =>
        tf.square(
          tf.gather(
            x!,
            tf.tensor2d(
              [
                [1, 0],
                [1, 1],
              ],
              [2, 2],
              'int32',
            ),
          ),
        ),
      [{ shape: [4, 3] }],
    );
    checkGradients((x) => tf.square(tf.gather(x!, tf.tensor1d([1, 0, 1], 'int32'), 1)), [{ shape: [2, 3, 2] }]);
  });

  it('differentiates the values of topk', () => {
    checkGradients((x) => tf.square(tf.topk(x!, 2).values), [{ shape: [3, 5] }], { step: 1e-3 });
  });

  it('differentiates einsum', () => {
    checkGradients((a, b) => tf.einsum('ij,jk->ik', a!, b!), [{ shape: [3, 4] }, { shape: [4, 2] }]);
    checkGradients((a, b) => tf.einsum('bqd,bkd->bqk', a!, b!), [{ shape: [2, 3, 4] }, { shape: [2, 5, 4] }]);
    checkGradients((a) => tf.einsum('ij->ji', tf.square(a!)), [{ shape: [3, 4] }]);
    checkGradients((a) => tf.einsum('ij->i', tf.square(a!)), [{ shape: [3, 4] }]);
    checkGradients((a, b) => tf.einsum('ij,k->i', a!, b!), [{ shape: [3, 4] }, { shape: [2] }]);
    expect(() => tf.tidy(() => tf.grad((x) => tf.einsum('ii->i', x))(tf.ones([2, 2])))).toThrow();
  });
});
