import { describe, expect, it } from 'vitest';
import fixture from '../statistics.fixture.json' with { type: 'json' };
import { chiSquaredTail, normalCdf, normalTail } from './gamma.js';
import { fTail } from './student-t.js';
import { rangeCdf, rangeQuantile } from './studentized-range.js';

/** Relative agreement with scipy. */
function close(actual: number, expected: number, relative = 1e-10): void {
  expect(Math.abs(actual - expected) / Math.max(Math.abs(expected), 1e-300), `${actual} against ${expected}`).toBeLessThan(relative);
}

const { normal, chiSquared, f, range } = fixture.distributions as Record<string, number[][]>;

describe('distributions', () => {
  it.each(normal!)('normal: P(Z <= %d)', (z, expected) => {
    close(normalCdf(z!), expected!);
    close(normalTail(-z!), expected!);
  });

  it.each(chiSquared!)('chi-squared: P(X >= %d), %d degrees of freedom', (x, degrees, expected) =>
    close(chiSquaredTail(x!, degrees!), expected!),
  );

  it.each(f!)('F: P(F >= %d), %d and %d degrees of freedom', (value, over, under, expected) =>
    close(fTail(value!, over!, under!), expected!),
  );

  it.each(range!)('range of %d normal values: its .05 point', (k, expected) => close(rangeQuantile(0.05, k!), expected!, 1e-7));

  it('are whole at their ends', () => {
    expect(chiSquaredTail(0, 3)).toBe(1);
    expect(fTail(0, 2, 3)).toBe(1);
    expect(rangeCdf(0, 3)).toBe(0);
    expect(rangeCdf(20, 3)).toBeCloseTo(1, 9);
  });
});
