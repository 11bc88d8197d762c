import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers, matrix, numbers, PHI_AUDIO, PHI_VISUAL } from '../fixture/context.fixture.js';
import { cosines, mmcosine } from './mmcosine.js';

const RUN = { modalities: ['audio', 'visual'], featureSizes: { audio: 2, visual: 2 }, classes: 2, epochs: 1 };
/** Columns along the axes, at different lengths. */
const KERNEL = [
  [3, 0],
  [0, 0.5],
];
const params = () => ({
  'methods/tried/heads/audio/kernel': matrix(KERNEL),
  'methods/tried/heads/visual/kernel': matrix(KERNEL),
});
const direction = (rows: readonly (readonly number[])[]) => rows.map(([x, y]) => [x! / Math.hypot(x!, y!), y! / Math.hypot(x!, y!)]);

describe('mmcosine', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('has cosines, whatever the lengths', () => {
    expectNumbers(cosines(matrix([[3, 4]]), matrix(KERNEL)), [0.6, 0.8]);
    expectNumbers(cosines(matrix([[300, 400]]), matrix(KERNEL)), [0.6, 0.8]);
    expectNumbers(cosines(matrix([[-1, 1]]), matrix(KERNEL)), [-Math.SQRT1_2, Math.SQRT1_2]);
  });

  it('has finite gradients at zero features, and none along the features', () => {
    const value = (features: tf.Tensor) => tf.sum(tf.mul(cosines(features, matrix(KERNEL)), matrix([[1, 2]])));
    const gradientAt = (rows: number[][]) => tf.grad(value)(matrix(rows));
    expect(numbers(gradientAt([[0, 0]])).every(Number.isFinite)).toBe(true);
    const [x, y] = numbers(gradientAt([[3, 4]]));
    expect(3 * x! + 4 * y!).toBeCloseTo(0, 5);
  });

  it('trains and predicts by the scaled sum, with the parts as read-outs', () => {
    const labels = [0, 1, 1, 0];
    const regulariser = { name: 'penalty', kind: 'regulariser' as const, value: tf.scalar(9), weight: 0.1 };
    const { context } = contextOf({
      params: params(),
      labels,
      terms: [{ name: 'fused', kind: 'classification', value: tf.scalar(7), weight: 1 }, regulariser],
    });
    const method = mmcosine({ scale: 10 }, RUN);
    const z = direction(PHI_AUDIO).map((row, i) => row.map((value, k) => 10 * (value + direction(PHI_VISUAL)[i]![k]!)));
    const prediction = method.predict!(context) as { logits: tf.Tensor; unimodal: Record<string, tf.Tensor> };
    expectNumbers(prediction.logits, z.flat(), 4);
    expectNumbers(
      prediction.unimodal['audio']!,
      direction(PHI_AUDIO)
        .flat()
        .map((value) => 10 * value),
      4,
    );
    const losses = z.map((row, i) => Math.log(row.reduce((sum, value) => sum + Math.exp(value - row[labels[i]!]!), 0)));
    const terms = method.losses!(context)!;
    expect(terms.map(({ name }) => name)).toEqual(['penalty', 'cosine']);
    expectNumbers(terms[1]!.value, [losses.reduce((sum, value) => sum + value, 0) / 4]);
  });

  it('gives a modality with a thousandfold feature the same gradient on its kernel', () => {
    const gradients = (factor: number) => {
      const features = { audio: PHI_AUDIO.map((row) => row.map((value) => factor * value)), visual: PHI_VISUAL };
      const loss = (kernel: tf.Tensor) => {
        const { context } = contextOf({
          params: { ...params(), 'methods/tried/heads/audio/kernel': kernel },
          labels: [0, 1, 1, 0],
          features,
        });
        return mmcosine({ scale: 10 }, RUN).losses!(context)![0]!.value;
      };
      return tf.grad(loss)(matrix(KERNEL));
    };
    expectNumbers(gradients(1000), numbers(gradients(1)), 4);
  });
});
