import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectAgreement, matrix, numberOf, softmaxOf, type Rows } from '../pairs/gradient.fixture.js';
import { jensenShannon, reverseJensenShannon } from './divergence.js';

const A: Rows = [
  [1.85, -0.5, -2.1],
  [-0.15, 1.25, -0.6],
  [-1.15, 1, 0.9],
];
const B: Rows = [
  [0.35, 0.1, -0.25],
  [0.15, 0.15, 0],
  [2, -0.2, 0.2],
];
/** Logits of the posteriors (.5, .5) and (.9, .1): M = (.7, .3). */
const EVEN = [[Math.log(0.5), Math.log(0.5)]];
const SURE = [[Math.log(0.9), Math.log(0.1)]];

const kl = (p: readonly number[], q: readonly number[]) => p.reduce((sum, value, k) => sum + value * Math.log(value / q[k]!), 0);
function plain(term: (p: number[], q: number[], m: number[]) => number) {
  return (a: Rows, b: Rows): number =>
    a.reduce((sum, row, i) => {
      const [p, q] = [softmaxOf(row), softmaxOf(b[i]!)];
      return (
        sum +
        term(
          p,
          q,
          p.map((value, k) => (value + q[k]!) / 2),
        )
      );
    }, 0) / a.length;
}
const forward = plain((p, q, m) => (kl(p, m) + kl(q, m)) / 2);
const reverse = plain((p, q, m) => (kl(m, p) + kl(m, q)) / 2);

describe('jensenShannon', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('is what one computes by hand', () => {
    // KL(p||M) = .5 ln(.5/.7) + .5 ln(.5/.3) = .087177, KL(q||M) = .9 ln(.9/.7) + .1 ln(.1/.3) = .116322
    expect(numberOf(jensenShannon(matrix(EVEN), matrix(SURE)))).toBeCloseTo(0.101749, 5);
  });

  it('agrees with plain numbers, value and gradient', () => {
    expectAgreement((a, b) => jensenShannon(a!, b!), forward, [A, B]);
  });

  it('is symmetric, 0 for equal posteriors, and log 2 at most', () => {
    expect(numberOf(jensenShannon(matrix(B), matrix(A)))).toBeCloseTo(forward(A, B), 5);
    expect(numberOf(jensenShannon(matrix(A), matrix(A.map((row) => row.map((v) => v + 5)))))).toBeCloseTo(0, 6);
    expect(numberOf(jensenShannon(matrix([[80, 0]]), matrix([[0, 80]])))).toBeCloseTo(Math.LN2, 5);
  });

  it('stays finite, with its gradient, for posteriors that vanish', () => {
    const far = [matrix([[500, 0, -500]]), matrix([[-500, 0, 500]])];
    expect(numberOf(jensenShannon(far[0]!, far[1]!))).toBeCloseTo(Math.LN2, 3);
    const gradients = tf.grads((a: tf.Tensor, b: tf.Tensor) => jensenShannon(a, b) as tf.Scalar)(far);
    expect(gradients.every((g) => [...g.dataSync()].every(Number.isFinite))).toBe(true);
  });
});

describe('reverseJensenShannon', () => {
  it('is what one computes by hand, and not the textbook value', () => {
    // KL(M||p) = .7 ln(.7/.5) + .3 ln(.3/.5) = .082283, KL(M||q) = .7 ln(.7/.9) + .3 ln(.3/.1) = .153664
    expect(numberOf(reverseJensenShannon(matrix(EVEN), matrix(SURE)))).toBeCloseTo(0.117973, 5);
  });

  it('agrees with plain numbers, value and gradient', () => {
    expectAgreement((a, b) => reverseJensenShannon(a!, b!), reverse, [A, B]);
  });

  it('is 0 for equal posteriors and has no upper bound', () => {
    expect(numberOf(reverseJensenShannon(matrix(A), matrix(A)))).toBeCloseTo(0, 6);
    expect(numberOf(reverseJensenShannon(matrix([[80, 0]]), matrix([[0, 80]])))).toBeCloseTo(reverse([[80, 0]], [[0, 80]]), 2);
    expect(reverse([[80, 0]], [[0, 80]])).toBeGreaterThan(30);
  });
});
