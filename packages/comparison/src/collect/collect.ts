import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EquimodalError, type Experiment, type Facts, type Host, type Json, type RecipeConfig, type SplitMetrics } from '@equimodal/core';
import { readJson, type RunMetrics } from '@equimodal/training';
import type { GridFailure } from '../grid/grid.js';
import { folderOf, type Job } from '../job/job.js';
import type { ComparisonResults, Figure, ResultRow, RunCurve } from '../results/results.js';
import { figure, pairedTTest } from '../statistics/statistics.js';

export interface CollectOptions {
  readonly host: Host;
  readonly experiment: Experiment;
  readonly experimentDir: string;
  readonly version: string;
  readonly wallSeconds: number;
  readonly failures: readonly { readonly job: Job; readonly error: GridFailure }[];
}

interface FinishedRun {
  readonly seed: number;
  readonly metrics: RunMetrics;
  readonly manifest: Readonly<Record<string, Json>>;
  readonly dir: string;
}

/** What run.json says of engine and data. */
interface RunAbout {
  readonly engine: ComparisonResults['engine'];
  readonly dataset: {
    readonly fingerprint: string;
    readonly classes: readonly string[];
    readonly modalities: readonly { readonly name: string }[];
    readonly notes: readonly string[];
  };
  readonly sizes: Readonly<Record<string, number>>;
}

/** Reads the finished runs of an experiment from its folders and makes the rows of the table. */
export function collectResults(options: CollectOptions): ComparisonResults {
  const { experiment, host } = options;
  const runs = new Map(experiment.recipes.map((recipe) => [recipe.id, finishedRuns(options, recipe)]));
  const referenceRuns = experiment.reference === null ? undefined : runs.get(experiment.reference);
  const rows = experiment.recipes.flatMap((recipe): ResultRow[] => {
    const finished = runs.get(recipe.id)!;
    if (finished.length === 0) return [];
    return [rowOf(host, recipe, finished, experiment.reference, recipe.id === experiment.reference ? undefined : referenceRuns)];
  });
  const selections = [...new Set(experiment.recipes.map((recipe) => recipe.training.selection))];
  const first = [...runs.values()].flat()[0];
  if (first === undefined)
    throw new EquimodalError('EQM_RUN_MISSING', 'no run of the comparison finished', { where: options.experimentDir });
  const about = first.manifest as unknown as RunAbout;
  return {
    experiment: experiment.name,
    description: experiment.description,
    selection: selections.join(', '),
    reference: experiment.reference,
    engine: { id: about.engine.id, backend: about.engine.backend, gpu: about.engine.gpu, versions: about.engine.versions },
    dataset: {
      id: experiment.dataset.use,
      fingerprint: about.dataset.fingerprint,
      classes: about.dataset.classes.length,
      modalities: about.dataset.modalities.map(({ name }) => name),
      sizes: about.sizes,
      notes: about.dataset.notes,
    },
    version: options.version,
    wallSeconds: options.wallSeconds,
    rows,
    curves: [...runs].flatMap(([recipe, finished]) => finished.map((run) => curveOf(recipe, run))),
    failures: options.failures.map(({ job, error }) => ({ ...job, message: `${error.code}: ${error.message}` })),
  };
}

function finishedRuns({ experiment, experimentDir }: CollectOptions, recipe: RecipeConfig): FinishedRun[] {
  return experiment.seeds.flatMap((seed): FinishedRun[] => {
    const folder = folderOf(experimentDir, { recipe: recipe.id, seed });
    if (!existsSync(folder.manifest) || !existsSync(folder.metrics)) return [];
    const manifest = folder.readManifest();
    if (manifest['status'] !== 'completed' && manifest['status'] !== 'stopped') return [];
    return [{ seed, manifest, dir: folder.dir, metrics: readJson(folder.metrics, 'EQM_RUN_MISSING') as unknown as RunMetrics }];
  });
}

function rowOf(
  host: Host,
  recipe: RecipeConfig,
  runs: readonly FinishedRun[],
  reference: string | null,
  referenceRuns: readonly FinishedRun[] | undefined,
): ResultRow {
  const number = (run: FinishedRun, key: string): number => Number(run.manifest[key] ?? 0);
  return {
    recipe: recipe.id,
    description: recipe.description,
    seeds: runs.map(({ seed }) => seed),
    metrics: figuresOf(runs.map(({ metrics }) => metrics.test)),
    validation: figuresOf(runs.flatMap(({ metrics }) => metrics.validation ?? [])),
    versusReference: versus(runs, reference, referenceRuns),
    seconds: runs.reduce((sum, run) => sum + number(run, 'seconds'), 0),
    parameters: number(runs[0]!, 'parameters'),
    epochs: Math.max(...runs.map(({ metrics }) => metrics.epochs)),
    backwardPassesPerStep: backwardPasses(host, recipe),
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

function versus(
  runs: readonly FinishedRun[],
  reference: string | null,
  referenceRuns: readonly FinishedRun[] | undefined,
): ResultRow['versusReference'] {
  if (reference === null || referenceRuns === undefined) return null;
  const pairs = runs.flatMap((run) => {
    const other = referenceRuns.find(({ seed }) => seed === run.seed);
    const [a, b] = [run.metrics.test.accuracy, other?.metrics.test.accuracy];
    return a === undefined || b === undefined ? [] : [[a, b] as const];
  });
  if (pairs.length === 0) return null;
  const { difference, pValue } = pairedTTest(
    pairs.map(([a]) => a),
    pairs.map(([, b]) => b),
  );
  return { reference, metric: 'accuracy', difference, pValue };
}

/** One plain backward pass, or what the row's methods declare. */
function backwardPasses(host: Host, recipe: RecipeConfig): number {
  const declared = recipe.methods.map(({ use }) => (host.piece('method', use).facts as Facts).backwardPassesPerStep ?? 1);
  return Math.max(1, ...declared);
}

function curveOf(recipe: string, { seed, dir, manifest }: FinishedRun): RunCurve {
  const hasAlpha = (manifest['recipe'] as { alpha?: Json } | undefined)?.alpha != null;
  const file = join(dir, 'signals.jsonl');
  const epochs: RunCurve['epochs'][number][] = [];
  let alpha: number | null = null;
  if (existsSync(file)) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      // Only the two kinds of line the curve needs are parsed; a file has one line per step.
      if (line.startsWith('{"type":"epoch.started"')) alpha = hasAlpha ? (JSON.parse(line) as { alpha: number }).alpha : null;
      if (!line.startsWith('{"type":"epoch.completed"')) continue;
      const { epoch, trainLoss, validation } = JSON.parse(line) as { epoch: number; trainLoss: number; validation: SplitMetrics | null };
      const perModality = Object.fromEntries(
        Object.entries(validation?.perModality ?? {}).flatMap(([name, own]) =>
          own['accuracy'] === undefined ? [] : [[name, own['accuracy']]],
        ),
      );
      epochs.push({ epoch, alpha, trainLoss, validationAccuracy: validation?.accuracy ?? null, perModality });
    }
  }
  return { recipe, seed, epochs };
}
