import type { Condition, Predictions } from '@equimodal/core';

/** Predictions of 100 rows of which so many percent are right. */
export function right(percent: number): Predictions {
  const labels = new Int32Array(100);
  const probabilities = Float32Array.from({ length: 200 }, (_, i) => ((i % 2 === 0) === Math.floor(i / 2) < percent ? 1 : 0));
  return { size: 100, classes: 2, labels, probabilities };
}

/** Percent right by the modalities shown. */
const WORTH: Readonly<Record<string, number>> = { '': 20, a: 50, t: 60, 'a t': 70, v: 40, 'a v': 55, 't v': 65, 'a t v': 80 };
export const predict = ({ present = ['a', 't', 'v'] }: Condition): Promise<Predictions> =>
  Promise.resolve(right(WORTH[present.join(' ')]!));
