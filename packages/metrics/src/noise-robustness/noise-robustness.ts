import { definePiece, type ConditionFigures, type ConditionInput } from '@equimodal/core';
import { z } from 'zod';
import { accuracy } from '../accuracy/accuracy.js';
import { meanHeight } from '../conditions/area.js';
import { MULTIBENCH } from '../conditions/multibench.js';

/**
 * Accuracy under noise, in all modalities at once and in each alone: at every level `accuracyAtNoise<level>`, and the mean height of the
 * curve from no noise to the highest level, `noiseRobustness`.
 *
 * @param levels ascending, above 0
 */
export async function noiseRobustness({ modalities, predict }: ConditionInput, levels: readonly number[]): Promise<ConditionFigures> {
  const clean = accuracy(await predict({}));
  const curve = async (noisy: readonly string[]): Promise<Record<string, number>> => {
    const points: [number, number][] = [[0, clean]];
    for (const level of levels) {
      points.push([level, accuracy(await predict({ noise: Object.fromEntries(noisy.map((name) => [name, level])) }))]);
    }
    return {
      noiseRobustness: meanHeight(points),
      ...Object.fromEntries(points.slice(1).map(([level, value]) => [`accuracyAtNoise${level}`, value])),
    };
  };
  const all = await curve(modalities);
  const perModality: Record<string, Record<string, number>> = {};
  for (const name of modalities) perModality[name] = modalities.length === 1 ? all : await curve([name]);
  return { all, perModality };
}

/** The metric `noise-robustness`. */
export const noiseRobustnessMetric = definePiece({
  kind: 'metric',
  id: 'noise-robustness',
  description: 'Accuracy as noise grows, in all modalities and in each alone: the curve and its mean height',
  facts: {
    higherIsBetter: true,
    bounds: [0, 1],
    paper: MULTIBENCH,
    note: "Gaussian noise of so many standard deviations of the sample's own values; tokens are dropped with that probability. Takes a pass over the split for each level, once for all modalities and once for each.",
  },
  options: z.object({
    levels: z
      .array(z.number().positive())
      .min(1)
      .refine((levels) => levels.every((level, i) => i === 0 || level > levels[i - 1]!), 'levels ascend')
      .default([0.25, 0.5, 1, 2])
      .describe('levels of noise, ascending'),
  }),
  create: ({ levels }) => ({ key: 'noiseRobustness', conditions: (input) => noiseRobustness(input, levels) }),
});
