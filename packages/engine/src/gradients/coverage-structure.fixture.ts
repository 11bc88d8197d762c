import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Coverage } from './coverage.fixture.js';

const ids = (values: number[]): Tensor1D => tf.tensor1d(values, 'int32');
/** Squares what an op only moves about, so that its gradient depends on the input. */
const moved = (op: string, inputs: readonly (readonly number[])[], fn: (...x: Tensor[]) => Tensor): Coverage => ({
  op,
  fn: (...x) => tf.square(fn(...x)),
  inputs,
});

export const STRUCTURE: readonly Coverage[] = [
  moved('gather', [[4, 3]], (x) => tf.gather(x!, ids([1, 0, 1, 3]))),
  moved('gather of columns', [[2, 3, 2]], (x) => tf.gather(x!, ids([1, 0, 1]), 1)),
  moved('gather by a matrix of indices', [[4, 3]], (x) => tf.gather(x!, tf.tensor2d([1, 0, 1, 1], [2, 2], 'int32'))),
  moved('gather in batches', [[2, 3, 2]], (x) => tf.gather(x!, tf.tensor2d([1, 0, 2, 2], [2, 2], 'int32'), 1, 1)),
  moved('gatherND', [[3, 4]], (x) => tf.gatherND(x!, tf.tensor2d([0, 1, 2, 2, 0, 1], [3, 2], 'int32'))),
  moved('scatterND', [[3, 2]], (x) => tf.scatterND(tf.tensor2d([3, 0, 3], [3, 1], 'int32'), x!, [4, 2])),
  moved(
    'tensorScatterUpdate',
    [
      [4, 2],
      [2, 2],
    ],
    (x, y) => tf.tensorScatterUpdate(x!, tf.tensor2d([3, 0], [2, 1], 'int32'), y!),
  ),
  moved('unsortedSegmentSum', [[4, 2]], (x) => tf.unsortedSegmentSum(x!, ids([2, 0, 2, 1]), 4)),
  moved('slice', [[4, 5]], (x) => tf.slice(x!, [1, 2], [2, 3])),
  moved('stridedSlice', [[5, 6]], (x) => tf.stridedSlice(x!, [0, 1], [5, 6], [2, 2])),
  moved(
    'concat',
    [
      [2, 3],
      [2, 1],
    ],
    (x, y) => tf.concat([x!, y!, x!], 1),
  ),
  moved('concat of one', [[2, 3]], (x) => tf.concat([x!], 0)),
  moved(
    'stack',
    [
      [2, 3],
      [2, 3],
    ],
    (x, y) => tf.stack([x!, y!], 1),
  ),
  moved('unstack', [[3, 4]], (x) => tf.mul(...(tf.unstack(x!, 0).slice(0, 2) as [Tensor, Tensor]))),
  moved('split', [[2, 6]], (x) => tf.mul(...(tf.split(x!, 3, 1).slice(1) as [Tensor, Tensor]))),
  moved('split into sizes', [[2, 6]], (x) => tf.split(x!, [1, 4, 1], 1)[1]!),
  moved('split into one', [[2, 3]], (x) => tf.split(x!, 1, 0)[0]!),
  moved('pad', [[2, 3]], (x) => tf.pad(x!, [[1, 2], [0, 1]], 0.5)), // prettier-ignore
  moved('mirrorPad, reflect', [[3, 4]], (x) => tf.mirrorPad(x!, [[2, 1], [1, 3]], 'reflect')), // prettier-ignore
  moved('mirrorPad, symmetric', [[2, 3]], (x) => tf.mirrorPad(x!, [[1, 2], [3, 0]], 'symmetric')), // prettier-ignore
  moved('tile', [[2, 3]], (x) => tf.tile(x!, [2, 3])),
  moved('tile of rank 3', [[2, 1, 3]], (x) => tf.tile(x!, [1, 4, 2])),
  moved('tile of a vector', [[3]], (x) => tf.tile(x!, [3])),
  moved('tile of rank 5', [[1, 2, 1, 2, 1]], (x) => tf.tile(x!, [2, 1, 2, 2, 2])),
  moved('broadcastTo', [[3, 1, 2]], (x) => tf.broadcastTo(x!, [2, 3, 4, 2])),
  moved('reverse', [[3, 4]], (x) => tf.mul(tf.reverse(x!, 1), x!)),
  moved('transpose', [[2, 3, 4]], (x) => tf.transpose(x!, [2, 0, 1])),
  moved('expandDims', [[2, 3]], (x) => tf.expandDims(x!, 1)),
  moved('squeeze', [[2, 1, 3]], (x) => tf.squeeze(x!, [1])),
  moved('reshape', [[2, 6]], (x) => tf.reshape(x!, [3, 4])),
  moved('reshape to a vector', [[2, 3]], (x) => tf.reshape(x!, [-1])),
  moved('spaceToBatchND', [[1, 4, 4, 1]], (x) => tf.spaceToBatchND(x!, [2, 2], [[0, 0], [0, 0]])), // prettier-ignore
  moved('batchToSpaceND', [[4, 1, 2, 1]], (x) => tf.batchToSpaceND(x!, [2, 2], [[0, 0], [0, 1]])), // prettier-ignore
  moved('depthToSpace', [[1, 2, 2, 4]], (x) => tf.depthToSpace(x as Tensor4D, 2)),
  moved('bandPart', [[3, 4]], (x) => tf.linalg.bandPart(x!, 1, 1)),
  moved('diag', [[4]], (x) => tf.diag(x!)),
  moved(
    'where with a constant mask',
    [
      [2, 3],
      [2, 3],
    ],
    (x, y) => tf.where(tf.tensor2d([1, 0, 1, 1, 0, 0], [2, 3], 'bool'), x!, y!),
  ),
];

const product = (op: string, a: readonly number[], b: readonly number[], fn: (a: Tensor, b: Tensor) => Tensor): Coverage => ({
  op,
  fn: (x, y) => fn(x!, y!),
  inputs: [a, b],
});
const einsum = (equation: string, ...inputs: (readonly number[])[]): Coverage => ({
  op: `einsum ${equation}`,
  fn: (...x) => tf.einsum(equation, ...x.map((operand) => tf.square(operand))),
  inputs,
});

export const PRODUCTS: readonly Coverage[] = [
  product('matMul', [3, 4], [4, 2], (a, b) => tf.matMul(a, b)),
  product('matMul, both transposed', [4, 3], [2, 4], (a, b) => tf.matMul(a, b, true, true)),
  product('matMul in batches', [2, 3, 4], [2, 5, 4], (a, b) => tf.matMul(a, b, false, true)),
  product('matMul of a batch and a matrix', [2, 3, 4], [4, 2], (a, b) => tf.matMul(a, b)),
  product('matMul of a matrix and a batch', [3, 4], [2, 4, 2], (a, b) => tf.matMul(a, b)),
  product('matMul, batch axes broadcast', [2, 1, 3, 4], [1, 3, 4, 2], (a, b) => tf.matMul(a, b)),
  product('dot of vectors', [4], [4], tf.dot),
  product('dot of a matrix and a vector', [3, 4], [4], tf.dot),
  product('dot of a vector and a matrix', [4], [4, 3], tf.dot),
  product('dot of matrices', [2, 3], [3, 2], tf.dot),
  product('outerProduct', [3], [4], (a, b) => tf.outerProduct(a as Tensor1D, b as Tensor1D)),
  {
    op: 'fused.matMul',
    fn: (a, b, bias) => tf.fused.matMul({ a: a!, b: b!, bias: bias!, activation: 'relu' }),
    inputs: [[3, 4], [4, 2], [2]],
  },
  einsum('ij,jk->ik', [3, 4], [4, 2]),
  einsum('bqd,bkd->bqk', [2, 3, 4], [2, 5, 4]),
  einsum('ij->ji', [3, 4]),
  einsum('ij->i', [3, 4]),
  einsum('ij->', [3, 4]),
  einsum('ij,ij->i', [3, 4], [3, 4]),
  einsum('ij,ij->', [3, 4], [3, 4]),
  einsum('i,j->ij', [3], [4]),
  einsum('bhqd,bhkd->bhqk', [1, 2, 3, 2], [1, 2, 2, 2]),
  einsum('ij,k->i', [3, 4], [2]),
];
