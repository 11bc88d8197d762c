import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { checkGradients, onEachEngine, tensorOf } from '../test-engine/checks.fixture.js';

const flips: [boolean, boolean][] = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
];
const flipped = (shape: readonly number[], flip: boolean): number[] =>
  flip ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : [...shape];

onEachEngine(() => {
  const cases: [string, number[], number[]][] = [
    ['two matrices', [3, 4], [4, 2]],
    ['equal batches', [2, 3, 4], [2, 4, 2]],
    ['a batch and one matrix', [2, 3, 4], [1, 4, 2]],
    ['one matrix and a batch', [1, 3, 4], [2, 4, 2]],
    ['two batch axes and a matrix of rank 2', [2, 2, 3, 4], [4, 2]],
    ['a matrix of rank 2 and a batch', [3, 4], [2, 4, 2]],
    ['batches that broadcast both ways', [2, 1, 3, 4], [1, 3, 4, 2]],
  ];
  it.each(cases.flatMap(([name, a, b]) => flips.map(([tA, tB]) => [name, tA, tB, a, b] as const)))(
    'differentiates %s (transposed: %s, %s)',
    (_name, transposeA, transposeB, a, b) => {
      checkGradients(
        (x, y) => tf.matMul(x!, y!, transposeA, transposeB),
        [{ shape: flipped(a, transposeA) }, { shape: flipped(b, transposeB) }],
      );
    },
  );

  it('gives the product itself under broadcasting', () => {
    tf.tidy(() => {
      const [a, b] = [tensorOf([2, 1, 3, 4], 1), tensorOf([1, 3, 4, 2], 2)];
      const product = tf.matMul(a, b);
      expect(product.shape).toEqual([2, 3, 3, 2]);
      const [x, y] = [a.dataSync(), b.dataSync()];
      let expected = 0;
      // Entry [1, 2, 0, 1]: row 0 of a[1, 0] with column 1 of b[0, 2].
      for (let k = 0; k < 4; k++) expected += x[12 + k]! * y[2 * 8 + k * 2 + 1]!;
      expect(product.dataSync()[1 * 18 + 2 * 6 + 0 * 2 + 1]).toBeCloseTo(expected, 5);
    });
  });
});
