import { describe, expect, it } from 'vitest';
import { RandomStream } from '../random/random.js';
import { halton, primes } from './halton.js';
import { drawPoints, gridPoints, valueAt } from './points.js';
import { sweepSchema, type Dimension } from './schema.js';

const parsed = (value: unknown): Dimension => sweepSchema.parse({ trials: 1, space: { 'a.b': value } }).space['a.b']!;

describe('the Halton sequence', () => {
  it('is that of scipy', () => {
    // scipy.stats.qmc.Halton(3, scramble=False).random(8), scipy 1.17.1
    const expected = [
      [0, 0, 0],
      [0.5, 0.3333333333333333, 0.2],
      [0.25, 0.6666666666666666, 0.4],
      [0.75, 0.1111111111111111, 0.6000000000000001],
      [0.125, 0.4444444444444444, 0.8],
      [0.625, 0.7777777777777777, 0.04],
      [0.375, 0.2222222222222222, 0.24000000000000002],
      [0.875, 0.5555555555555556, 0.44],
    ];
    for (const [index, point] of expected.entries()) {
      for (const [i, base] of primes(3).entries()) expect(halton(index, base)).toBeCloseTo(point[i]!, 14);
    }
    expect(primes(8)).toEqual([2, 3, 5, 7, 11, 13, 17, 19]);
  });

  it('with permuted digits still puts one of every b^k points into each b^k-th part', () => {
    for (const base of [2, 3, 7]) {
      const random = new RandomStream(5, 'spec').at(base);
      const parts = Array.from({ length: base ** 2 }, (_, i) => Math.floor(halton(i, base, random) * base ** 2));
      expect([...parts].sort((a, b) => a - b)).toEqual(Array.from({ length: base ** 2 }, (_, i) => i));
    }
    const first = Array.from({ length: 50 }, (_, seed) => halton(0, 2, new RandomStream(seed, 'spec')));
    expect(Math.max(...first)).toBeLessThan(1);
    expect(new Set(first).size).toBe(50);
  });
});

describe('a dimension', () => {
  it('spreads its range evenly, by factors on a log scale, and whole numbers with both ends', () => {
    const linear = parsed({ from: 2, to: 4 });
    expect([0, 0.5].map((u) => valueAt(linear, u))).toEqual([2, 3]);
    const log = parsed({ from: 1e-4, to: 1, scale: 'log' });
    expect(valueAt(log, 0.5)).toBeCloseTo(1e-2, 12);
    const whole = parsed({ from: 1, to: 3, integer: true });
    expect(Array.from({ length: 6 }, (_, i) => valueAt(whole, i / 6))).toEqual([1, 1, 2, 2, 3, 3]);
    const list = parsed(['a', null, { use: 'c' }]);
    expect([0, 0.34, 0.99].map((u) => valueAt(list, u))).toEqual(['a', null, { use: 'c' }]);
  });

  it('is refused when it is no range', () => {
    for (const wrong of [[], 3, { from: 2, to: 1 }, { from: 0, to: 1, scale: 'log' }, { from: 1 }])
      expect(sweepSchema.safeParse({ trials: 1, space: { 'a.b': wrong } }).success, JSON.stringify(wrong)).toBe(false);
    expect(sweepSchema.safeParse({ trials: 1, space: { training: [1] } }).success).toBe(false);
  });
});

describe('points', () => {
  it('of a grid are all combinations, with the ends of ranges', () => {
    const points = gridPoints({ 'a.x': parsed({ from: 0.01, to: 1, scale: 'log', points: 3 }), 'a.y': parsed([true, false]) });
    expect(points).toHaveLength(6);
    expect(points[1]).toEqual({ 'a.x': 0.01, 'a.y': false });
    expect(points[2]!['a.x']).toBeCloseTo(0.1, 12);
    expect(points[4]!['a.x']).toBe(1);
  });

  it.each(['random', 'halton'] as const)(
    'of a %s search depend on the seed, are the same for all rows, and do not change when more are drawn',
    (search) => {
      const shared = { 'training.optimizer.learningRate': parsed({ from: 0, to: 1 }) };
      const more = { ...shared, 'alpha.value': parsed({ from: 0, to: 1 }) };
      const a = drawPoints(shared, search, 5, 0);
      const b = drawPoints(more, search, 9, 0);
      expect(b.slice(0, 5).map((point) => point['training.optimizer.learningRate'])).toEqual(
        a.map((point) => point['training.optimizer.learningRate']),
      );
      expect(drawPoints(shared, search, 5, 1)).not.toEqual(a);
      expect(new Set(a.map((point) => point['training.optimizer.learningRate'])).size).toBe(5);
    },
  );
});
