import { pooledBins, reliabilityBins, type UseSpec } from '@equimodal/core';
import { principalPlane } from '../projection/pca.js';
import { umapPlane } from '../projection/umap.js';
import type { ConfusionMatrix, FeatureScatter, Reliability, ResultRow } from '../results/results.js';
import type { FinishedRun } from './finished.js';
import type { RunsByRow } from './tests.js';

/** Above this many classes a matrix cannot be read, and would fill the results. */
const CLASSES = 60;
/** Bins of confidence for runs without the metric `ece`. */
const BINS = 15;
/** Rows whose features are shown, those that get a UMAP layout (it takes half a second), and samples of each. */
const [ROWS, UMAP_ROWS, SAMPLES] = [6, 4, 48];

/** The confusion of every row that has predictions, summed over its seeds; none for more than 60 classes. */
export function confusionOf(rows: RunsByRow): ConfusionMatrix[] {
  return [...rows].flatMap(([recipe, runs]) => {
    const predictions = runs.flatMap((run) => run.predictions ?? []);
    const classes = predictions[0]?.classes ?? 0;
    if (classes < 2 || classes > CLASSES) return [];
    const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    for (const { labels, predicted } of predictions) labels.forEach((label, i) => counts[label]![predicted[i]!]!++);
    return [{ recipe, seeds: predictions.length, counts }];
  });
}

/** Bins of the confidence of every row that has predictions, of all its seeds; as many as the run's metric `ece` has, else 15. */
export function reliabilityOf(rows: RunsByRow): Reliability[] {
  return [...rows].flatMap(([recipe, runs]) => {
    const bins = binsOf(runs[0]);
    const sets = runs.flatMap(({ predictions }) =>
      predictions === null
        ? []
        : [reliabilityBins(predictions.confidence, (row) => predictions.predicted[row] === predictions.labels[row], bins)],
    );
    return sets.length === 0 ? [] : [{ recipe, seeds: sets.length, ...pooledBins(sets) }];
  });
}

function binsOf(run: FinishedRun | undefined): number {
  const metrics = (run?.manifest['metrics'] ?? []) as unknown as readonly UseSpec[];
  const bins = metrics.find(({ use }) => use === 'ece')?.['bins'];
  return typeof bins === 'number' ? bins : BINS;
}

/** Features in a plane for the reference and the best rows, of their first seeds, by PCA and UMAP. */
export function scatterOf(rows: RunsByRow, table: readonly ResultRow[], reference: string | null): FeatureScatter[] {
  const accuracy = (row: ResultRow): number => row.metrics['accuracy']?.mean ?? -1;
  const order = [...table].sort((a, b) => Number(b.recipe === reference) - Number(a.recipe === reference) || accuracy(b) - accuracy(a));
  const shown = order.flatMap(({ recipe }) => {
    const run = rows.get(recipe)?.find((one) => comparable(one));
    return run === undefined ? [] : [{ recipe, run }];
  });
  return shown.slice(0, ROWS).flatMap(({ recipe, run }, i) => planes(recipe, run, i < UMAP_ROWS));
}

/** Whether two modalities or more have features of one size. */
function comparable({ predictions }: FinishedRun): boolean {
  const sizes = Object.values(predictions?.features?.sizes ?? {});
  return sizes.length > 1 && sizes.every((size) => size === sizes[0]);
}

function planes(recipe: string, { seed, metrics, predictions }: FinishedRun, layout: boolean): FeatureScatter[] {
  const { rows, vectors, sizes } = predictions!.features!;
  const names = Object.keys(vectors);
  const every = Math.max(1, Math.floor(rows.length / SAMPLES));
  const picked = Array.from({ length: Math.min(SAMPLES, rows.length) }, (_, i) => i * every);
  const points = names.flatMap((name) => picked.map((i) => vectors[name]!.subarray(i * sizes[name]!, (i + 1) * sizes[name]!)));
  const pca = principalPlane(points);
  const umap = layout ? umapPlane(points) : null;
  const labels = picked.map((i) => predictions!.labels[rows[i]!]!);
  const gap = typeof metrics.test.modalityGap === 'number' ? metrics.test.modalityGap : null;
  const split = (plane: readonly (readonly [number, number])[]): FeatureScatter['points'] =>
    Object.fromEntries(names.map((name, m) => [name, plane.slice(m * picked.length, (m + 1) * picked.length).map(rounded)]));
  const common = { recipe, seed, gap, labels };
  return [
    { ...common, kind: 'pca', explained: pca.explained, points: split(pca.points) },
    ...(umap === null ? [] : [{ ...common, kind: 'umap' as const, explained: null, points: split(umap) }]),
  ];
}

/** Four significant digits are more than a picture shows. */
const rounded = ([x, y]: readonly [number, number]): [number, number] => [Number(x.toPrecision(4)), Number(y.toPrecision(4))];
