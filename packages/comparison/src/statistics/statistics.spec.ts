import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figure, pairedTTest } from './statistics.js';
import { tCdf, tQuantile, tTwoSided } from './special/student-t.js';

/** Relative agreement; expected values come from scipy 1.17 (stats.t, stats.ttest_rel). */
function close(actual: number | null | undefined, expected: number, relative = 1e-11): void {
  expect(actual).toBeTypeOf('number');
  const error = Math.abs((actual as number) - expected) / Math.max(Math.abs(expected), 1e-300);
  expect(error, `${actual} against ${expected}`).toBeLessThan(relative);
}

describe('tCdf', () => {
  it.each([
    [0, 3, 0.5],
    [1, 1, 0.75],
    [-1, 1, 0.25],
    [2.5, 2, 0.9351941398892446],
    [-0.3, 4.5, 0.38876677351971567],
    [4, 9, 0.9984447858448071],
    [1.96, 1000, 0.9748634075221256],
    [12.7, 1, 0.9749878361553279],
    [30, 4, 0.9999963235719511],
    [-8, 2, 0.00763403608266907],
  ])('t = %d, %d degrees of freedom', (t, degrees, expected) => close(tCdf(t, degrees), expected));

  it.each([
    [1, 1, 0.5],
    [30, 4, 7.352856097661319e-6],
    [50, 9, 2.5689529108747976e-12],
    [0.01, 2, 0.992929108958201],
    [3, 200, 0.003043047113905905],
  ])('two-sided tail of %d, %d degrees of freedom', (t, degrees, expected) => close(tTwoSided(t, degrees), expected, 1e-10));

  it('is the closed form of the Cauchy distribution at one degree of freedom', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (t) => {
        expect(tCdf(t, 1)).toBeCloseTo(0.5 + Math.atan(t) / Math.PI, 12);
      }),
    );
  });

  it('handles the ends and refuses impossible degrees of freedom', () => {
    expect(tCdf(Infinity, 3)).toBe(1);
    expect(tCdf(-Infinity, 3)).toBe(0);
    expect(tCdf(NaN, 3)).toBeNaN();
    expect(() => tCdf(1, 0)).toThrowError(expect.objectContaining({ code: 'EQM_INTERNAL' }));
  });
});

describe('tQuantile', () => {
  it.each([
    [0.975, 1, 12.706204736174694],
    [0.975, 2, 4.302652729749462],
    [0.975, 4, 2.7764451051977934],
    [0.975, 9, 2.262157162798205],
    [0.975, 29, 2.045229642132703],
    [0.95, 3, 2.3533634348018233],
    [0.005, 5, -4.032142983555229],
    [0.6, 2.5, 0.2814595127485477],
    [1e-6, 3, -103.29946778041935],
    [0.975, 1e5, 1.9599877075346095],
    [0.9995, 1, 636.6192487687897],
  ])('p = %d, %d degrees of freedom', (p, degrees, expected) => close(tQuantile(p, degrees), expected, 1e-9));

  it('inverts the distribution function and is odd around the median', () => {
    const probability = fc.double({ min: 1e-3, max: 0.49, noNaN: true });
    const degrees = fc.double({ min: 0.5, max: 300, noNaN: true });
    fc.assert(
      fc.property(probability, degrees, (p, n) => {
        expect(tCdf(tQuantile(p, n), n)).toBeCloseTo(p, 10);
        expect(tQuantile(1 - p, n) / tQuantile(p, n)).toBeCloseTo(-1, 6);
      }),
    );
  });

  it.each([0, 1, -0.1, NaN])('refuses the probability %d', (p) => {
    expect(() => tQuantile(p, 3)).toThrowError(expect.objectContaining({ code: 'EQM_INTERNAL' }));
  });
});

describe('figure', () => {
  it.each([
    [[0.901, 0.897, 0.905], 0.901, 0.004, [0.8910634491529988, 0.9109365508470014]],
    [[0.5, 0.7], 0.6, 0.14142135623730948, [-0.6706204736174691, 1.870620473617469]],
    [[0.71, 0.74, 0.69, 0.73, 0.72], 0.718, 0.019235384061671364, [0.6941161161190001, 0.7418838838809998]],
  ])('mean, std and interval of %j', (values, mean, std, interval) => {
    const result = figure(values);
    close(result.mean, mean);
    close(result.std, std);
    close(result.ci95?.[0], interval[0] ?? NaN);
    close(result.ci95?.[1], interval[1] ?? NaN);
    expect(result.values).toEqual(values);
  });

  it('gives one seed no spread and no interval', () => {
    expect(figure([0.8])).toEqual({ mean: 0.8, std: 0, values: [0.8], ci95: null });
  });

  it('lets a NaN of one seed show', () => {
    const result = figure([0.8, NaN]);
    expect(result.mean).toBeNaN();
    expect(result.ci95).toBeNull();
  });

  it('refuses no values', () => {
    expect(() => figure([])).toThrowError(expect.objectContaining({ code: 'EQM_INTERNAL' }));
  });

  it('moves with a shift, scales with a factor, and keeps a copy of the values', () => {
    const values = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.5, max: 4, noNaN: true }), (xs, k) => {
        const [plain, moved] = [figure(xs), figure(xs.map((x) => k * x + 1))];
        expect(moved.mean).toBeCloseTo(k * plain.mean + 1, 9);
        expect(moved.std).toBeCloseTo(k * plain.std, 9);
        expect(plain.ci95?.[0]).toBeLessThanOrEqual(plain.mean);
        expect(plain.ci95?.[1]).toBeGreaterThanOrEqual(plain.mean);
        expect(plain.values).not.toBe(xs);
      }),
    );
  });
});

describe('pairedTTest', () => {
  it.each([
    [[0.901, 0.897, 0.905], [0.884, 0.889, 0.886], 0.014666666666666666, 0.04930120545682555],
    [[0.71, 0.74, 0.69, 0.73, 0.72], [0.7, 0.745, 0.7, 0.72, 0.715], 0.002, 0.6482612949673071],
    [[10, 12], [9, 8], 2.5, 0.34404173924526144],
  ])('%j against %j', (a, b, difference, p) => {
    const result = pairedTTest(a, b);
    close(result.difference, difference, 1e-9);
    close(result.pValue, p, 1e-9);
  });

  it('has no p value for one seed, for constant differences or with a NaN', () => {
    expect(pairedTTest([0.8], [0.7]).pValue).toBeNull();
    expect(pairedTTest([0.8, 0.9], [0.8, 0.9])).toEqual({ difference: 0, pValue: null });
    // 0.1 everywhere, up to the rounding of the operands: no variance, not certainty.
    expect(pairedTTest([0.3, 0.7, 0.9], [0.2, 0.6, 0.8]).pValue).toBeNull();
    expect(pairedTTest([0.8, NaN], [0.7, 0.7]).pValue).toBeNull();
  });

  it('refuses seeds that are not paired', () => {
    expect(() => pairedTTest([1, 2], [1])).toThrowError(expect.objectContaining({ code: 'EQM_INTERNAL' }));
    expect(() => pairedTTest([], [])).toThrowError(expect.objectContaining({ code: 'EQM_INTERNAL' }));
  });

  it('only changes the sign of the difference when the sides are exchanged', () => {
    const pairs = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), {
      minLength: 2,
      maxLength: 8,
    });
    fc.assert(
      fc.property(pairs, (both) => {
        const [a, b] = [both.map(([x]) => x), both.map(([, y]) => y)];
        const [forward, backward] = [pairedTTest(a, b), pairedTTest(b, a)];
        expect(backward.difference).toBeCloseTo(-forward.difference, 12);
        expect(backward.pValue).toEqual(forward.pValue);
        if (forward.pValue !== null) {
          expect(forward.pValue).toBeGreaterThanOrEqual(0);
          expect(forward.pValue).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
