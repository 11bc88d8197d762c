import { describe, expect, it } from 'vitest';
import { count, duration, list, meanAndSpread, percent, points, pValue, seconds, stars, verdict } from './format.js';

const figure = (mean: number, std: number, n: number) => ({
  mean,
  std,
  values: Array.from({ length: n }, () => mean),
  ci95: null,
});

describe('numbers as the report shows them', () => {
  it('shows fractions as percent with one decimal', () => {
    expect(percent(0.90123)).toBe('90.1');
    expect(percent(1)).toBe('100.0');
    expect(percent(-0.0001)).toBe('0.0');
    expect(percent(NaN)).toBe('n/a');
  });

  it('signs differences', () => {
    expect(points(0.0147)).toBe('+1.5');
    expect(points(-0.021)).toBe('−2.1');
    expect(points(0)).toBe('+0.0');
    expect(points(NaN)).toBe('n/a');
  });

  it('gives one seed no spread, however many decimals it has', () => {
    expect(meanAndSpread(figure(0.901, 0.0031, 3))).toBe('90.1 ± 0.3');
    expect(meanAndSpread(figure(0.901, 0, 1))).toBe('90.1');
    expect(meanAndSpread(figure(0.901, 0, 3))).toBe('90.1 ± 0.0');
  });

  it.each([
    [0.0004, '< .001'],
    [0.0123, '.012'],
    [0.0501, '.050'],
    [0.412, '.41'],
    [1, '1.00'],
  ])('p = %d', (p, text) => expect(pValue(p)).toBe(text));

  it('shortens counts and times', () => {
    expect([count(950), count(9_999), count(23_400), count(11_432_006), count(123e6)]).toEqual(['950', '9,999', '23 k', '11.4 M', '123 M']);
    expect([seconds(3.21), seconds(3721.4)]).toEqual(['3.2', '3,721']);
    expect([duration(42), duration(720), duration(11_100)]).toEqual(['42 s', '12 min', '3 h 05 min']);
    expect([list([]), list(['a']), list(['a', 'b']), list(['a', 'b', 'c'])]).toEqual(['', 'a', 'a and b', 'a, b and c']);
  });
});

describe('verdict', () => {
  const test = (difference: number, p: number | null) => ({
    reference: 'base',
    metric: 'accuracy',
    difference,
    pValue: p,
    holm: null,
    wilcoxon: null,
    seeds: 3,
    bootstrap: null,
  });

  it.each([
    [test(0.1, 0.03), 'above'],
    [test(-0.1, 0.03), 'below'],
    [test(0.1, 0.05), 'above'],
    [test(0.1, 0.051), 'inside'],
    [test(0.9, null), 'inside'],
    [test(0.1, NaN), 'inside'],
    [test(NaN, null), 'untested'],
    [null, 'untested'],
  ] as const)('%j is %s', (paired, expected) => expect(verdict('row', 'base', paired)).toBe(expected));

  it('goes by the corrected p value, and so do the stars', () => {
    const corrected = { ...test(0.1, 0.03), holm: 0.06 };
    expect([verdict('row', 'base', corrected), stars(corrected)]).toEqual(['inside', '']);
    expect([0.05, 0.009, 0.0009].map((p) => stars({ ...test(0.1, p), holm: p }))).toEqual(['*', '**', '***']);
  });

  it('knows the reference', () => expect(verdict('base', 'base', null)).toBe('reference'));
});
