import { countFor, type Facts, type Host, type RecipeConfig, type SplitMetrics } from '@equimodal/core';
import type { Figure, PairedTest, ResultRow } from '../results/results.js';
import { figure } from '../statistics/statistics.js';
import type { FinishedRun } from './finished.js';

/** One row of the table from its runs. */
export function rowOf(host: Host, recipe: RecipeConfig, runs: readonly FinishedRun[], test: PairedTest | null): ResultRow {
  const number = (run: FinishedRun, key: string): number => Number(run.manifest[key] ?? 0);
  return {
    recipe: recipe.id,
    description: recipe.description,
    seeds: runs.map(({ seed }) => seed),
    metrics: figuresOf(runs.map(({ metrics }) => metrics.test)),
    validation: figuresOf(runs.flatMap(({ metrics }) => metrics.validation ?? [])),
    versusReference: test,
    seconds: runs.reduce((sum, run) => sum + number(run, 'seconds'), 0),
    parameters: number(runs[0]!, 'parameters'),
    flops: typeof runs[0]!.manifest['flops'] === 'number' ? runs[0]!.manifest['flops'] : null,
    epochs: Math.max(...runs.map(({ metrics }) => metrics.epochs)),
    backwardPassesPerStep: backwardPasses(host, recipe) + alphaPassesPerStep(recipe, runs),
    dataPassesPerEpoch: runs.reduce((sum, { metrics }) => sum + (metrics.dataPassesPerEpoch ?? 1), 0) / runs.length,
    peakMemoryMb: Math.max(...runs.map((run) => number(run, 'peakMemoryMb'))),
  };
}

/** Numbers of a split, the per-modality ones as `accuracy/audio`. */
function flatFigures(split: SplitMetrics): Record<string, number> {
  const out: Record<string, number> = {};
  for (const [name, value] of Object.entries(split)) if (typeof value === 'number') out[name] = value;
  for (const [modality, figures] of Object.entries(split.perModality)) {
    for (const [name, value] of Object.entries(figures)) out[`${name}/${modality}`] = value;
  }
  return out;
}

function figuresOf(splits: readonly SplitMetrics[]): Record<string, Figure> {
  const flat = splits.map(flatFigures);
  const names = Object.keys(flat[0] ?? {}).filter((name) => flat.every((one) => one[name] !== undefined));
  return Object.fromEntries(names.map((name) => [name, figure(flat.map((one) => one[name]!))]));
}

/** One plain backward pass, or what the row's methods declare. */
function backwardPasses(host: Host, recipe: RecipeConfig): number {
  const declared = recipe.methods.map(({ use }) =>
    countFor((host.piece('method', use).facts as Facts).backwardPassesPerStep ?? 1, recipe.modalities.length),
  );
  return Math.max(1, ...declared);
}

/** Backward passes of learning alpha, shared out to the steps. */
function alphaPassesPerStep({ training }: RecipeConfig, runs: readonly FinishedRun[]): number {
  const shares = runs.map(({ metrics, manifest }) => {
    const { train = 0 } = (manifest as unknown as { readonly sizes: Readonly<Record<string, number>> }).sizes;
    return (metrics.alphaPassesPerEpoch ?? 0) / Math.max(1, Math.ceil(train / training.batchSize));
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
