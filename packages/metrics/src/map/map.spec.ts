import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ABSENT,
  anyPredictions,
  GOLDEN,
  renameClasses,
  renamedPredictions,
  reorder,
  shuffledPredictions,
} from '../predictions/predictions.fixture.js';
import { averagePrecision, mapMetric, meanAveragePrecision } from './map.js';

const column = ({ size, classes, probabilities }: typeof GOLDEN, c: number) =>
  Array.from({ length: size }, (_, i) => probabilities[i * classes + c]!);
const ofClass = (input: typeof GOLDEN, c: number) => averagePrecision(column(input, c), (i) => input.labels[i] === c);

/** The definition read literally: one threshold per distinct score, precision and recall counted anew for each. */
function byDefinition(scores: readonly number[], truth: readonly boolean[]): number {
  const positives = truth.filter(Boolean).length;
  let recall = 0;
  let sum = 0;
  for (const threshold of [...new Set(scores)].sort((a, b) => b - a)) {
    const chosen = truth.filter((_, i) => scores[i]! >= threshold);
    const hits = chosen.filter(Boolean).length;
    sum += (hits / positives - recall) * (hits / chosen.length);
    recall = hits / positives;
  }
  return sum;
}

describe('averagePrecision', () => {
  it('is the figure of scikit-learn, per class', () => {
    [1, 0.8666666667, 0.8333333333].forEach((value, c) => expect(ofClass(GOLDEN, c)).toBeCloseTo(value, 9));
    [1, 0.8333333333].forEach((value, c) => expect(ofClass(ABSENT, c)).toBeCloseTo(value, 9));
  });

  it('takes equal scores as one group', () => {
    expect(averagePrecision([0.5, 0.5, 0.5, 0.2], (i) => i === 0 || i === 2)).toBeCloseTo(0.6666666667, 9);
  });

  it('is not defined without a positive', () => {
    expect(ofClass(ABSENT, 2)).toBeNull();
    expect(averagePrecision([], () => true)).toBeNull();
  });

  it('leaves the scores as they are', () => {
    const scores = Float64Array.of(0.3, 0.1, 0.2);
    averagePrecision(scores, (i) => i === 1);
    expect([...scores]).toEqual([0.3, 0.1, 0.2]);
  });

  it('agrees with its definition on any ranking', () => {
    const samples = fc.array(fc.record({ score: fc.integer({ min: -5, max: 5 }), positive: fc.boolean() }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(
        samples.filter((all) => all.some((s) => s.positive)),
        (all) => {
          const scores = all.map((s) => s.score);
          const truth = all.map((s) => s.positive);
          expect(averagePrecision(scores, (i) => truth[i]!)).toBeCloseTo(byDefinition(scores, truth), 10);
        },
      ),
    );
  });

  it('depends on the ranking only', () => {
    fc.assert(
      fc.property(anyPredictions, (input) => {
        const scores = column(input, 0);
        const positive = (i: number) => input.labels[i] === 0;
        expect(
          averagePrecision(
            scores.map((s) => 10 * s - 3),
            positive,
          ),
        ).toEqual(averagePrecision(scores, positive));
      }),
    );
  });
});

describe('meanAveragePrecision', () => {
  it('is the figure of scikit-learn', () => {
    expect(meanAveragePrecision(GOLDEN)).toBeCloseTo(0.9, 9);
  });

  it('leaves out a class without positives, or counts it as 0', () => {
    expect(meanAveragePrecision(ABSENT)).toBeCloseTo((1 + 0.8333333333) / 2, 9);
    expect(meanAveragePrecision(ABSENT, 'zero')).toBeCloseTo((1 + 0.8333333333) / 3, 9);
  });

  it('depends neither on the order of the samples nor on the names of the classes', () => {
    fc.assert(
      fc.property(shuffledPredictions, ([input, order]) => {
        expect(meanAveragePrecision(reorder(input, order))).toBeCloseTo(meanAveragePrecision(input), 12);
      }),
    );
    fc.assert(
      fc.property(renamedPredictions, ([input, names]) => {
        expect(meanAveragePrecision(renameClasses(input, names))).toBeCloseTo(meanAveragePrecision(input), 12);
      }),
    );
  });
});

describe('the metric "map"', () => {
  const create = (options: unknown) =>
    mapMetric.create(mapMetric.options.parse(options), {}, { resolve: () => expect.fail('nothing to resolve') });

  it('skips absent classes unless told otherwise', () => {
    expect(create({}).key).toBe('map');
    expect(create({}).predictions?.(ABSENT)).toBeCloseTo(0.9166666667, 9);
    expect(create({ absentClasses: 'zero' }).predictions?.(ABSENT)).toBeCloseTo(0.6111111111, 9);
  });
});
