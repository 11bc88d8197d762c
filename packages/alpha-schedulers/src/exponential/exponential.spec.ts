import type { AlphaMoment, BilevelProblem, Resolver } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { exponentialAlpha } from './exponential.js';

const noProblem = (): BilevelProblem => {
  throw new Error('a closed form must not ask for the bilevel problem');
};
function curve(options: object, epochs: number): number[] {
  const scheduler = exponentialAlpha.create(exponentialAlpha.options.parse(options), { epochs }, {} as Resolver);
  const at = (epoch: number): AlphaMoment => ({ epoch, step: 0, epochs, stepsPerEpoch: 10, alpha: scheduler.initial });
  const out = Array.from({ length: epochs }, (_, epoch) => scheduler.update(at(epoch), noProblem).alpha);
  expect(scheduler.initial).toBe(out[0]);
  return out;
}

describe('exponential', () => {
  it('decays between its bounds', () => {
    const alphas = curve({}, 20);
    expect(alphas[0]).toBe(0.95);
    expect(alphas[1]).toBeCloseTo(0.740818, 6);
    expect(alphas[5]).toBeCloseTo(0.22313, 6);
    expect(alphas.slice(10)).toEqual(new Array(10).fill(0.05));
  });

  it('takes a rate and bounds', () => {
    expect(curve({ rate: Math.LN2, min: 0, max: 1 }, 4)).toEqual([1, 0.5, 0.25, 0.125].map((value) => expect.closeTo(value, 12) as number));
  });

  it('refuses bounds that cross', () => {
    expect(exponentialAlpha.options.safeParse({ min: 0.5, max: 0.4 }).success).toBe(false);
  });
});
