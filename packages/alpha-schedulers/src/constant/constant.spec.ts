import type { AlphaMoment, BilevelProblem, Resolver } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { constantAlpha } from './constant.js';

const create = (options: object) => constantAlpha.create(constantAlpha.options.parse(options), { epochs: 30 }, {} as Resolver);
const at = (epoch: number): AlphaMoment => ({ epoch, step: 0, epochs: 30, stepsPerEpoch: 10, alpha: 0.9 });
const noProblem = (): BilevelProblem => {
  throw new Error('a closed form must not ask for the bilevel problem');
};

describe('constant', () => {
  it('is the given value at every moment, whatever is in force', () => {
    const scheduler = create({ value: 0.3 });
    expect(scheduler.initial).toBe(0.3);
    expect([0, 1, 29].map((epoch) => scheduler.update(at(epoch), noProblem).alpha)).toEqual([0.3, 0.3, 0.3]);
  });

  it('is one half by default', () => {
    expect(create({}).initial).toBe(0.5);
  });

  it.each([-0.01, 1.01, Number.NaN])('refuses %d', (value) => {
    expect(constantAlpha.options.safeParse({ value }).success).toBe(false);
  });
});
