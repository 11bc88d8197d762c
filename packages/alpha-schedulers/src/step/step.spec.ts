import type { AlphaMoment, BilevelProblem, Resolver } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { stepAlpha } from './step.js';

const create = (options: object, epochs: number) => stepAlpha.create(stepAlpha.options.parse(options), { epochs }, {} as Resolver);
const noProblem = (): BilevelProblem => {
  throw new Error('a closed form must not ask for the bilevel problem');
};
function curve(p: number, epochs: number): number[] {
  const scheduler = create({ p }, epochs);
  const at = (epoch: number): AlphaMoment => ({ epoch, step: 0, epochs, stepsPerEpoch: 10, alpha: scheduler.initial });
  return Array.from({ length: epochs }, (_, epoch) => scheduler.update(at(epoch), noProblem).alpha);
}

describe('step', () => {
  it.each([
    [0, [0, 0, 1, 1]],
    [1, [1, 1, 0, 0]],
    [0.25, [0.25, 0.25, 0.75, 0.75]],
  ])('h(%d) over four epochs', (p, expected) => {
    expect(curve(p, 4)).toEqual(expected);
  });

  it('gives the middle epoch of an odd number to the first half', () => {
    expect(curve(1, 5)).toEqual([1, 1, 1, 0, 0]);
  });

  it('starts with p', () => {
    expect(create({ p: 0.2 }, 4).initial).toBe(0.2);
    expect(create({}, 4).initial).toBe(0.95);
  });

  it.each([-0.1, 1.1])('refuses p = %d', (p) => {
    expect(stepAlpha.options.safeParse({ p }).success).toBe(false);
  });
});
