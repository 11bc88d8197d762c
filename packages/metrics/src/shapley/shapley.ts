import { definePiece, type ConditionFigures, type ConditionInput } from '@equimodal/core';
import { z } from 'zod';
import { accuracy } from '../accuracy/accuracy.js';
import { coalitions } from '../conditions/coalitions.js';

/**
 * Shapley values of a game with every coalition's worth: `phi_m = sum over S without m of |S|! (M - |S| - 1)! / M! (v(S + m) - v(S))`.
 * They add up to `v(all) - v(none)`.
 *
 * Source: Shapley, "A value for n-person games", 1953.
 *
 * @param worth of 2^M coalitions; bit m of a place says whether player m is in it
 */
export function shapleyValues(worth: readonly number[]): number[] {
  const players = Math.log2(worth.length);
  const factorial = Array.from({ length: players + 1 }).reduce<number[]>((f, _, n) => [...f, n === 0 ? 1 : f[n - 1]! * n], []);
  const size = (subset: number): number => subset.toString(2).replaceAll('0', '').length;
  return Array.from({ length: players }, (_, m) =>
    worth.reduce((sum, value, subset) => {
      if ((subset >> m) % 2 === 1) return sum;
      const share = (factorial[size(subset)]! * factorial[players - size(subset) - 1]!) / factorial[players]!;
      return sum + share * (worth[subset | (1 << m)]! - value);
    }, 0),
  );
}

/** How unequal contributions are, ours: `(max phi - min phi) / |sum of phi|`; 0 when all contribute alike. */
export function imbalanceOf(contributions: readonly number[]): number {
  const total = contributions.reduce((sum, value) => sum + value, 0);
  return (Math.max(...contributions) - Math.min(...contributions)) / (Math.abs(total) + 1e-6);
}

/** Each modality's Shapley value of the accuracy, with the worth of the empty coalition and the imbalance index. */
export async function shapley({ modalities, predict }: ConditionInput): Promise<ConditionFigures> {
  const worth: number[] = [];
  for (const present of coalitions(modalities, 'shapley')) worth.push(accuracy(await predict({ present })));
  const contributions = shapleyValues(worth);
  return {
    all: { accuracyOfNothing: worth[0]!, ...(modalities.length > 1 ? { imbalance: imbalanceOf(contributions) } : {}) },
    perModality: Object.fromEntries(modalities.map((name, m) => [name, { shapley: contributions[m]! }])),
  };
}

/** The metric `shapley`. */
export const shapleyMetric = definePiece({
  kind: 'metric',
  id: 'shapley',
  description: 'What each modality contributes to the accuracy: its Shapley value over all subsets, and how unequal they are',
  facts: {
    bounds: [-1, 1],
    paper: {
      title: 'A value for n-person games',
      venue: 'Contributions to the Theory of Games II, 1953',
      url: 'https://doi.org/10.1515/9781400881970-018',
    },
    note: 'Modalities outside a subset are zeros at the input, which no model was trained for; a pass over the split for each of 2^M subsets.',
  },
  options: z.object({}),
  create: () => ({ key: 'shapley', conditions: shapley }),
});
