import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ABSENT,
  anyPredictions,
  GOLDEN,
  predictionsOf,
  renameClasses,
  renamedPredictions,
  reorder,
  shuffledPredictions,
} from '../predictions/predictions.fixture.js';
import { predictedLabels } from '../predictions/predictions.js';
import { classF1, macroF1, macroF1Metric } from './macro-f1.js';

describe('macroF1', () => {
  it('is the figure of scikit-learn', () => {
    const { f1 } = classF1(GOLDEN);
    [0.8, 0.8, 0.6666666667].forEach((value, c) => expect(f1[c]).toBeCloseTo(value, 9));
    expect(macroF1(GOLDEN)).toBeCloseTo(0.7555555556, 9);
  });

  it('goes over the classes in truth or prediction, or over all', () => {
    expect(macroF1(ABSENT)).toBeCloseTo(0.7333333333, 9);
    expect(macroF1(ABSENT, 'all')).toBeCloseTo(0.4888888889, 9);
  });

  it('counts a class that is only predicted as 0', () => {
    // Truth has class 0 only; one of two samples is called 1: F1 of 0 is 2/3, of 1 it is 0.
    const input = predictionsOf(
      [0, 0],
      [
        [0.9, 0.1],
        [0.1, 0.9],
      ],
    );
    expect(macroF1(input)).toBeCloseTo(1 / 3, 12);
  });

  it('does not depend on the order of the samples', () => {
    fc.assert(
      fc.property(shuffledPredictions, ([input, order]) => {
        expect(macroF1(reorder(input, order))).toBeCloseTo(macroF1(input), 12);
      }),
    );
  });

  it('does not depend on the names of the classes where no two are equally probable', () => {
    const ties = ({ classes, probabilities }: typeof GOLDEN) =>
      Array.from({ length: probabilities.length / classes }, (_, i) => {
        const row = [...probabilities.slice(i * classes, (i + 1) * classes)].sort((a, b) => b - a);
        return row[0] === row[1];
      }).some(Boolean);
    fc.assert(
      fc.property(
        renamedPredictions.filter(([input]) => !ties(input)),
        ([input, names]) => {
          expect(macroF1(renameClasses(input, names))).toBeCloseTo(macroF1(input), 12);
        },
      ),
    );
  });

  it('is symmetric in truth and prediction, and at most its union form over all classes', () => {
    fc.assert(
      fc.property(anyPredictions, (input) => {
        const predicted = predictedLabels(input);
        const swapped = predictionsOf(
          [...predicted],
          Array.from(input.labels, (label) => Array.from({ length: input.classes }, (_, c) => (c === label ? 1 : 0))),
        );
        expect(macroF1(swapped)).toBeCloseTo(macroF1(input), 12);
        expect(macroF1(input, 'all')).toBeLessThanOrEqual(macroF1(input) + 1e-12);
      }),
    );
  });
});

describe('the metric "macro-f1"', () => {
  const create = (options: unknown) =>
    macroF1Metric.create(macroF1Metric.options.parse(options), {}, { resolve: () => expect.fail('nothing to resolve') });

  it('has the key macroF1 and scikit-learn semantics by default', () => {
    expect(create({}).key).toBe('macroF1');
    expect(create({}).predictions?.(ABSENT)).toBeCloseTo(0.7333333333, 9);
    expect(create({ labels: 'all' }).predictions?.(ABSENT)).toBeCloseTo(0.4888888889, 9);
  });

  it('refuses another choice of labels', () => {
    expect(macroF1Metric.options.safeParse({ labels: 'present' }).success).toBe(false);
  });
});
