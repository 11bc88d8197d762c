import type { FeatureTable } from '@equimodal/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureGap, modalityGap, modalityGapMetric } from './modality-gap.js';

function table(features: Readonly<Record<string, readonly (readonly number[])[]>>): FeatureTable {
  const entries = Object.entries(features);
  return {
    size: entries[0]![1].length,
    features: Object.fromEntries(entries.map(([name, rows]) => [name, Float32Array.from(rows.flat())])),
    featureSizes: Object.fromEntries(entries.map(([name, rows]) => [name, rows[0]?.length ?? 0])),
  };
}

const rows = (size: number) =>
  fc.array(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 3, maxLength: 3 }), {
    minLength: size,
    maxLength: size,
  });
const samples = fc.integer({ min: 1, max: 8 }).chain((size) => fc.tuple(rows(size), rows(size), rows(size)));

describe('featureGap', () => {
  it('is the distance of the mean directions', () => {
    // Directions (1,0), (0,1) with mean (1/2,1/2), against (-1,0) twice.
    expect(featureGap([3, 0, 0, 2], [-1, 0, -5, 0], 2)).toBeCloseTo(Math.hypot(1.5, 0.5), 12);
  });

  it('is 2 between opposite directions and 0 between equal ones of any length', () => {
    expect(featureGap([1, 0], [-7, 0], 2)).toBeCloseTo(2, 12);
    expect(featureGap([1, 1], [5, 5], 2)).toBeCloseTo(0, 12);
  });

  it('counts a row of zeros as zero', () => {
    expect(featureGap([0, 0, 4, 0], [0, 0, 0, 0], 2)).toBeCloseTo(0.5, 12);
  });
});

describe('modalityGap', () => {
  it('is the mean over all pairs', () => {
    const input = table({ a: [[1, 0]], b: [[0, 1]], c: [[-1, 0]] });
    expect(modalityGap(input)).toBeCloseTo((Math.SQRT2 + Math.SQRT2 + 2) / 3, 7);
  });

  it('is null for one modality and for features of different sizes', () => {
    expect(modalityGap(table({ a: [[1, 0]] }))).toBeNull();
    expect(modalityGap(table({ a: [[1, 0]], b: [[1, 0, 0]] }))).toBeNull();
  });

  it('is symmetric, blind to lengths and to the order of samples, and within [0, 2]', () => {
    fc.assert(
      fc.property(samples, ([a, b, c]) => {
        const gap = modalityGap(table({ a, b, c }))!;
        expect(gap).toBeGreaterThanOrEqual(0);
        expect(gap).toBeLessThanOrEqual(2 + 1e-9);
        expect(modalityGap(table({ c, a, b }))).toBeCloseTo(gap, 9);
        expect(modalityGap(table({ a: a.map((row) => row.map((x) => 4 * x)), b, c }))).toBeCloseTo(gap, 9);
        expect(modalityGap(table({ a: [...a].reverse(), b, c }))).toBeCloseTo(gap, 9);
      }),
    );
  });

  it('refuses an empty split and arrays of the wrong length', () => {
    expect(() => modalityGap({ size: 0, features: {}, featureSizes: {} })).toThrow('empty');
    expect(() => modalityGap({ ...table({ a: [[1, 0]], b: [[0, 1]] }), size: 2 })).toThrow('expected 4 numbers');
  });
});

describe('the metric "modality-gap"', () => {
  it('computes from features only', () => {
    const metric = modalityGapMetric.create({}, {}, { resolve: () => expect.fail('nothing to resolve') });
    expect(metric.key).toBe('modalityGap');
    expect(metric.predictions).toBeUndefined();
    expect(metric.features?.(table({ a: [[1, 0]], b: [[0, 1]] }))).toBeCloseTo(Math.SQRT2, 7);
  });
});
