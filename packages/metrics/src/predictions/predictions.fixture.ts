import type { Predictions } from '@equimodal/core';
import fc from 'fast-check';

/** Predictions from rows of class probabilities. */
export function predictionsOf(labels: readonly number[], rows: readonly (readonly number[])[]): Predictions {
  return {
    size: labels.length,
    classes: rows[0]?.length ?? 0,
    labels: Int32Array.from(labels),
    probabilities: Float64Array.from(rows.flat()),
  };
}

/** Eight samples, three classes; figures of scikit-learn 1.9.1: see the specs. */
export const GOLDEN = predictionsOf(
  [0, 1, 2, 2, 1, 0, 1, 2],
  [
    [0.7, 0.2, 0.1],
    [0.1, 0.6, 0.3],
    [0.2, 0.3, 0.5],
    [0.4, 0.35, 0.25],
    [0.3, 0.3, 0.4],
    [0.5, 0.25, 0.25],
    [0.15, 0.7, 0.15],
    [0.1, 0.2, 0.7],
  ],
);

/** Nobody is of class 2. */
export const ABSENT = predictionsOf(
  [0, 1, 1, 0],
  [
    [0.6, 0.3, 0.1],
    [0.2, 0.5, 0.3],
    [0.5, 0.3, 0.2],
    [0.7, 0.2, 0.1],
  ],
);

/** Any predictions: 2 to 5 classes, coarse probabilities so that ties happen. */
export const anyPredictions: fc.Arbitrary<Predictions> = fc
  .tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 20 }))
  .chain(([classes, size]) =>
    fc.tuple(
      fc.array(fc.integer({ min: 0, max: classes - 1 }), { minLength: size, maxLength: size }),
      fc.array(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: classes, maxLength: classes }), {
        minLength: size,
        maxLength: size,
      }),
    ),
  )
  .map(([labels, counts]) =>
    predictionsOf(
      labels,
      counts.map((row) => row.map((count) => count / row.reduce((a, b) => a + b, 0))),
    ),
  );

/** The same samples in another order. */
export function reorder(input: Predictions, order: readonly number[]): Predictions {
  const row = (i: number) => [...input.probabilities.slice(i * input.classes, (i + 1) * input.classes)];
  return predictionsOf(
    order.map((i) => input.labels[i]!),
    order.map(row),
  );
}

/** Predictions and a random order of their samples. */
export const shuffledPredictions = anyPredictions.chain((input) => {
  const indices = Array.from({ length: input.size }, (_, i) => i);
  return fc.tuple(fc.constant(input), fc.shuffledSubarray(indices, { minLength: input.size, maxLength: input.size }));
});

/** The same samples with the classes renamed by a permutation: class c becomes names[c]. */
export function renameClasses(input: Predictions, names: readonly number[]): Predictions {
  const probabilities = new Float64Array(input.probabilities.length);
  for (let i = 0; i < input.size; i++) {
    for (const [c, name] of names.entries()) {
      probabilities[i * input.classes + name] = input.probabilities[i * input.classes + c]!;
    }
  }
  return { ...input, probabilities, labels: input.labels.map((label) => names[label]!) };
}

/** Predictions and a random renaming of their classes. */
export const renamedPredictions = anyPredictions.chain((input) => {
  const names = Array.from({ length: input.classes }, (_, c) => c);
  return fc.tuple(fc.constant(input), fc.shuffledSubarray(names, { minLength: input.classes, maxLength: input.classes }));
});
