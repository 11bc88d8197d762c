import type { BilevelProblem, Resolver } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { heuristicAlpha } from './heuristic.js';

// Read from the curve omega(t) of Figure 3 of the paper, 15 epochs, to three digits.
const FIGURE_3 = [1, 0.632, 0.393, 0.283, 0.221, 0.181, 0.154, 0.133, 0.118, 0.105, 0.095, 0.087, 0.08, 0.074, 0.069];

const noProblem = (): BilevelProblem => {
  throw new Error('a closed form must not ask for the bilevel problem');
};

describe('heuristic', () => {
  const scheduler = heuristicAlpha.create({}, { epochs: 15 }, {} as Resolver);
  const curve = FIGURE_3.map((_, epoch) => scheduler.update({ epoch, step: 0, epochs: 15, stepsPerEpoch: 10, alpha: 1 }, noProblem).alpha);

  it('draws the curve of Figure 3', () => {
    curve.forEach((alpha, epoch) => expect(Math.abs(alpha - FIGURE_3[epoch]!), `epoch ${epoch}`).toBeLessThanOrEqual(5.1e-4));
  });

  it('starts at exactly 1 and only falls', () => {
    expect(scheduler.initial).toBe(1);
    expect(curve[0]).toBe(1);
    for (let epoch = 1; epoch < curve.length; epoch++) expect(curve[epoch]!).toBeLessThan(curve[epoch - 1]!);
  });

  it('is 1 - 1/e after one epoch', () => {
    expect(curve[1]).toBeCloseTo(1 - 1 / Math.E, 12);
  });
});
