import type { AlphaMoment, BilevelProblem, Resolver } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { polynomial, polynomialAlpha } from './polynomial.js';

const noProblem = (): BilevelProblem => {
  throw new Error('a closed form must not ask for the bilevel problem');
};
const create = (options: object, epochs: number) =>
  polynomialAlpha.create(polynomialAlpha.options.parse(options), { epochs }, {} as Resolver);
function curve(options: object, epochs: number): number[] {
  const scheduler = create(options, epochs);
  const at = (epoch: number): AlphaMoment => ({ epoch, step: 0, epochs, stepsPerEpoch: 10, alpha: scheduler.initial });
  const out = Array.from({ length: epochs }, (_, epoch) => scheduler.update(at(epoch), noProblem).alpha);
  expect(scheduler.initial).toBe(out[0]);
  return out;
}

describe('polynomial', () => {
  it('has the lowest power first', () => {
    expect(polynomial([1, 2, 3], 2)).toBe(17);
    expect(polynomial([], 2)).toBe(0);
  });

  it('is the released one of degree 5, over 200 epochs, as alpha', () => {
    const alphas = curve({ fit: 'degree-5' }, 200);
    const published = { 0: 0.795, 20: 0.699, 40: 0.6, 60: 0.536, 80: 0.5, 100: 0.461, 120: 0.385, 140: 0.258, 160: 0.099, 170: 0.031, 180: 0, 190: 0.005, 199: 0.084 }; // prettier-ignore
    for (const [epoch, alpha] of Object.entries(published)) expect(Math.abs(alphas[Number(epoch)]! - alpha), epoch).toBeLessThan(1e-3);
  });

  it('is the cubic of the paper, over 30 epochs, and clipped at 1', () => {
    const alphas = curve({}, 30);
    expect(alphas.slice(0, 4)).toEqual([1, 1, 1, 1]);
    expect(alphas[10]).toBeCloseTo(1 + 0.32 - 0.65 + 0.15, 12);
    expect(Math.min(...alphas)).toBe(alphas[26]);
    expect(alphas[26]).toBeCloseTo(0.0744, 4);
  });

  it('is stretched to the run, or not', () => {
    const [long, short] = [curve({ min: 0.1 }, 30), curve({ min: 0.1 }, 59)];
    for (const [epoch, alpha] of long.entries()) expect(short[2 * epoch]).toBeCloseTo(alpha, 12);
    expect(curve({ stretch: false }, 59).slice(0, 30)).toEqual(curve({}, 30));
    expect(curve({}, 1)).toEqual([1]);
  });

  it('takes coefficients', () => {
    expect(curve({ coefficients: [1, -0.25], stretch: false }, 6)).toEqual([1, 0.75, 0.5, 0.25, 0, 0]);
    expect(curve({ coefficients: [1, -0.25], length: 5 }, 3)).toEqual([1, 0.5, 0]);
    expect(() => create({ coefficients: [1, -0.25] }, 6)).toThrow('no span');
  });
});
