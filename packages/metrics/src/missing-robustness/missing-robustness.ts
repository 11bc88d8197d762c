import { definePiece, type ConditionFigures, type ConditionInput } from '@equimodal/core';
import { z } from 'zod';
import { accuracy } from '../accuracy/accuracy.js';
import { meanHeight } from '../conditions/area.js';
import { coalitions } from '../conditions/coalitions.js';
import { MULTIBENCH } from '../conditions/multibench.js';

/**
 * Accuracy with `k` modalities missing, averaged over all ways to miss `k` of them, for k from 0 to M - 1: `accuracyMissing<k>`; the
 * mean height of that curve: `missingRobustness`; and the accuracy without each modality: `accuracyWithout`. Nothing for one modality.
 */
export async function missingRobustness({ modalities, predict }: ConditionInput): Promise<ConditionFigures> {
  if (modalities.length === 1) return { all: {}, perModality: {} };
  const byMissing = new Map<number, number[]>();
  const without: Record<string, { accuracyWithout: number }> = {};
  for (const present of coalitions(modalities, 'missing-robustness')) {
    const missing = modalities.filter((name) => !present.includes(name));
    if (present.length === 0) continue;
    const value = accuracy(await predict({ present }));
    byMissing.set(missing.length, [...(byMissing.get(missing.length) ?? []), value]);
    if (missing.length === 1) without[missing[0]!] = { accuracyWithout: value };
  }
  const curve = [...byMissing]
    .sort(([a], [b]) => a - b)
    .map(([k, values]) => [k, values.reduce((sum, value) => sum + value, 0) / values.length] as const);
  return {
    all: {
      missingRobustness: meanHeight(curve),
      ...Object.fromEntries(curve.slice(1).map(([k, value]) => [`accuracyMissing${k}`, value])),
    },
    perModality: Object.fromEntries(modalities.map((name) => [name, without[name]!])),
  };
}

/** The metric `missing-robustness`. */
export const missingRobustnessMetric = definePiece({
  kind: 'metric',
  id: 'missing-robustness',
  description: 'Accuracy as modalities go missing: the curve over how many, its mean height, and without each one',
  facts: {
    higherIsBetter: true,
    bounds: [0, 1],
    paper: MULTIBENCH,
    note: 'A missing modality is zeros at the input, for every fusion alike; `evaluate --without` asks those fusions that can do without one.',
  },
  options: z.object({}),
  create: () => ({ key: 'missingRobustness', conditions: missingRobustness }),
});
