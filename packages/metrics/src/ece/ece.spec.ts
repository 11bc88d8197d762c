import { readFileSync } from 'node:fs';
import { calibrationError, pooledBins, reliabilityBins } from '@equimodal/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accuracy } from '../accuracy/accuracy.js';
import { anyPredictions, predictionsOf, reorder, shuffledPredictions } from '../predictions/predictions.fixture.js';
import { predictedLabels } from '../predictions/predictions.js';
import { eceMetric, expectedCalibrationError } from './ece.js';

const reference = JSON.parse(readFileSync(new URL('ece.fixture.json', import.meta.url), 'utf8')) as {
  readonly labels: readonly number[];
  readonly probabilities: readonly (readonly number[])[];
  readonly cases: readonly {
    readonly bins: number;
    readonly ece: number;
    readonly counts: readonly number[];
    readonly accuracy: readonly number[];
    readonly confidence: readonly number[];
  }[];
};

describe('expectedCalibrationError', () => {
  const input = predictionsOf(reference.labels, reference.probabilities);
  const predicted = predictedLabels(input);
  const confidence = Array.from(predicted, (label, row) => reference.probabilities[row]![label]!);

  it.each(reference.cases)(
    'is the figure of scikit-learn, bin by bin, with $bins bins',
    ({ bins, ece, counts, accuracy: right, confidence: mean }) => {
      expect(expectedCalibrationError(input, bins)).toBeCloseTo(ece, 10);
      const found = reliabilityBins(confidence, (row) => predicted[row] === reference.labels[row], bins);
      expect(found.count).toEqual(counts);
      // scikit-learn leaves out bins that are empty.
      const filled = found.count.flatMap((count, k) => (count > 0 ? [k] : []));
      filled.forEach((k, i) => {
        expect(found.correct[k]! / found.count[k]!).toBeCloseTo(right[i]!, 10);
        expect(found.confidence[k]! / found.count[k]!).toBeCloseTo(mean[i]!, 10);
      });
      expect(filled).toHaveLength(right.length);
    },
  );

  it('with one bin is the distance of mean confidence from accuracy', () => {
    fc.assert(
      fc.property(anyPredictions, (some) => {
        const labels = predictedLabels(some);
        const mean = labels.reduce((sum, label, row) => sum + some.probabilities[row * some.classes + label]!, 0) / some.size;
        expect(expectedCalibrationError(some, 1)).toBeCloseTo(Math.abs(accuracy(some) - mean), 12);
      }),
    );
  });

  it('does not fall when bins are halved, nor depend on the order of the samples', () => {
    fc.assert(
      fc.property(shuffledPredictions, fc.integer({ min: 1, max: 12 }), ([some, order], bins) => {
        const value = expectedCalibrationError(some, bins);
        expect(expectedCalibrationError(some, 2 * bins)).toBeGreaterThanOrEqual(value - 1e-12);
        expect(expectedCalibrationError(reorder(some, order), bins)).toBeCloseTo(value, 12);
      }),
    );
  });

  it('counts an edge to the bin below, as scikit-learn', () => {
    const { count } = reliabilityBins([0, 0.2, 0.2 + 1e-9, 0.6, 1, 1 + 1e-7], () => true, 5);
    expect(count).toEqual([2, 1, 1, 0, 2]);
  });

  it('of pooled predictions is that of all of them', () => {
    const half = (from: number, to: number) =>
      reliabilityBins(confidence.slice(from, to), (row) => predicted[from + row] === reference.labels[from + row], 15);
    const middle = Math.floor(confidence.length / 3);
    expect(calibrationError(pooledBins([half(0, middle), half(middle, confidence.length)]))).toBeCloseTo(
      expectedCalibrationError(input),
      12,
    );
  });
});

describe('the metric "ece"', () => {
  it('takes 15 bins unless it is told otherwise', () => {
    const create = (options: unknown) =>
      eceMetric.create(eceMetric.options.parse(options), {}, { resolve: () => expect.fail('nothing to resolve') });
    const input = predictionsOf(reference.labels, reference.probabilities);
    expect(create({}).key).toBe('ece');
    expect(create({}).predictions?.(input)).toBe(expectedCalibrationError(input, 15));
    expect(create({ bins: 4 }).predictions?.(input)).toBe(expectedCalibrationError(input, 4));
    expect(eceMetric.options.safeParse({ bins: 0 }).success).toBe(false);
  });
});
