import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { evidentialLoss, expectedCrossEntropy, misleadingEvidence } from './evidential.js';
import { digamma, logGamma } from './gamma.js';

const V1 = [5, 2, 1];
const V2 = [2, 4, 3];
const FUSED = [7.333333, 6, 3];
/** Dirichlet parameters, label, data term, KL term, total with lambda .5. */
const CASES: [number[], number, number, number, number][] = [
  [V1, 0, 0.509524, 0.265279, 0.642163],
  [V1, 1, 1.592857, 1.241383, 2.213549],
  [V2, 0, 1.717857, 0.882822, 2.159268],
  [V2, 1, 0.884524, 0.551197, 1.160123],
  [FUSED, 0, 0.839582, 1.24193, 1.460547],
  [FUSED, 1, 1.056166, 1.45986, 1.786096],
];

describe('evidential loss', () => {
  beforeAll(async () => void (await startTestEngine()));

  it('has digamma and ln Gamma to float32', () => {
    const at = tf.tensor1d([0.1, 0.5, 1, 2, 10, 100]);
    const psi = [-10.4237549, -1.9635101, -0.5772157, 0.4227843, 2.2517526, 4.6001619];
    const log = [2.2527127, 0.5723649, 0, 0, 12.8018275, 359.1342054];
    for (const [i, value] of digamma(at).dataSync().entries())
      expect(Math.abs(value - psi[i]!) / (1 + Math.abs(psi[i]!))).toBeLessThan(1e-6);
    for (const [i, value] of logGamma(at).dataSync().entries())
      expect(Math.abs(value - log[i]!) / (1 + Math.abs(log[i]!))).toBeLessThan(2e-6);
  });

  it('has the terms of the reference', () => {
    const alpha = tf.tensor2d(CASES.map(([own]) => own));
    const target = tf.oneHot(
      CASES.map(([, label]) => label),
      3,
      1,
      0,
      'float32',
    );
    const [data, kl] = [expectedCrossEntropy(alpha, target).dataSync(), misleadingEvidence(alpha, target).dataSync()];
    for (const [i, [, , first, second]] of CASES.entries()) {
      expect(data[i]).toBeCloseTo(first, 5);
      expect(kl[i]).toBeCloseTo(second, 5);
    }
  });

  const loss = (epoch: number | undefined, options: object, [alpha, label]: [number[], number]) =>
    evidentialLoss
      .create(evidentialLoss.options.parse(options), { classes: 3 }, undefined as never)
      .compute({
        logits: tf.log(tf.tensor2d([alpha])),
        labels: tf.tensor1d([label], 'int32'),
        classes: 3,
        ...(epoch === undefined ? {} : { epoch: tf.scalar(epoch) }),
      })
      .dataSync()[0]!;

  it('brings the KL term in over the annealing epochs', () => {
    for (const [alpha, label, data, kl, half] of CASES) {
      expect(loss(0, {}, [alpha, label])).toBeCloseTo(data, 5);
      expect(loss(5, {}, [alpha, label])).toBeCloseTo(half, 5);
      expect(loss(25, {}, [alpha, label])).toBeCloseTo(data + kl, 5);
      expect(loss(undefined, {}, [alpha, label])).toBeCloseTo(data + kl, 5);
      expect(loss(0, { annealing: 0, klWeight: 0.5 }, [alpha, label])).toBeCloseTo(half, 5);
    }
  });
});
