import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ABSENT, anyPredictions, GOLDEN, predictionsOf, reorder, shuffledPredictions } from '../predictions/predictions.fixture.js';
import { accuracy, accuracyMetric } from './accuracy.js';

describe('accuracy', () => {
  it('is the figure of scikit-learn', () => {
    expect(accuracy(GOLDEN)).toBe(0.75);
    expect(accuracy(ABSENT)).toBe(0.75);
  });

  it('counts a tie for the first class', () => {
    expect(accuracy(predictionsOf([0], [[0.5, 0.5]]))).toBe(1);
    expect(accuracy(predictionsOf([1], [[0.5, 0.5]]))).toBe(0);
  });

  it('does not depend on the order of the samples', () => {
    fc.assert(
      fc.property(shuffledPredictions, ([input, order]) => {
        expect(accuracy(reorder(input, order))).toBe(accuracy(input));
      }),
    );
  });

  it('is 1 when every sample has its class as the only certainty', () => {
    fc.assert(
      fc.property(anyPredictions, (input) => {
        const rows = Array.from(input.labels, (label) => Array.from({ length: input.classes }, (_, c) => (c === label ? 1 : 0)));
        expect(accuracy(predictionsOf([...input.labels], rows))).toBe(1);
      }),
    );
  });

  it('refuses an empty split', () => {
    expect(() => accuracy(predictionsOf([], []))).toThrow('empty');
  });
});

describe('the metric "accuracy"', () => {
  it('computes from predictions only', () => {
    const metric = accuracyMetric.create({}, {}, { resolve: () => expect.fail('nothing to resolve') });
    expect(metric.key).toBe('accuracy');
    expect(metric.predictions?.(GOLDEN)).toBe(0.75);
    expect(metric.features).toBeUndefined();
  });
});
