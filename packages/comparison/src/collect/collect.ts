import { join, relative, sep } from 'node:path';
import { EquimodalError, suggestion, type Experiment, type Host, type Json, type RecipeConfig } from '@equimodal/core';
import type { GridFailure } from '../grid/failure.js';
import { folderOf, type Job } from '../job/job.js';
import { publishedFigure, publishedFor } from '../published/published.js';
import type { ComparisonResults, RunFacts } from '../results/results.js';
import { listRuns, type RunRecord } from '../runs/runs.js';
import { curveOf } from './curve.js';
import { finishedRun, type FinishedRun } from './finished.js';
import { readSearch } from '../sweep/stored.js';
import { confusionOf, reliabilityOf, scatterOf } from './pictures.js';
import { rowOf } from './row.js';
import { testsAgainst } from './tests.js';
import type { SweepResults } from '../results/sweep.js';

export interface CollectOptions {
  readonly host: Host;
  readonly experiment: Experiment;
  readonly experimentDir: string;
  readonly version: string;
  readonly wallSeconds: number;
  readonly failures: readonly { readonly job: Job; readonly error: GridFailure }[];
  /** The search that chose the settings of the rows. */
  readonly sweep?: SweepResults | undefined;
}

/** What run.json says of engine and data. */
interface RunAbout {
  readonly experiment: {
    readonly name: string;
    readonly description: string;
    readonly file: string | null;
    readonly reference: string | null;
    /** Absent where the rows make no published figure again. */
    readonly figure?: string;
  };
  readonly engine: ComparisonResults['engine'];
  readonly dataset: {
    readonly options: { readonly use: string };
    readonly fingerprint: string;
    readonly classes: readonly string[];
    readonly modalities: readonly { readonly name: string }[];
    readonly notes: readonly string[];
  };
  readonly sizes: Readonly<Record<string, number>>;
}

/** Reads the finished runs of an experiment from its folders and makes the rows of the table. */
export function collectResults({ experiment, experimentDir, failures, ...rest }: CollectOptions): ComparisonResults {
  return resultsOf({
    ...rest,
    dir: experimentDir,
    reference: experiment.reference,
    figure: experiment.figure ?? undefined,
    rows: experiment.recipes.map((recipe) => ({
      recipe,
      runs: experiment.seeds.flatMap((seed) => finishedRun(folderOf(experimentDir, { recipe: recipe.id, seed }).dir, seed) ?? []),
    })),
    failures: failures.map(({ job: { recipe, seed }, error }) => ({ recipe, seed, message: `${error.code}: ${error.message}` })),
  });
}

export interface FolderOptions {
  readonly host: Host;
  /** Folder of one experiment: every run below it belongs to it. */
  readonly dir: string;
  readonly version: string;
  /** Another reference row than the experiment's. */
  readonly reference?: string | undefined;
  /** Wall time of the whole grid, where it is known; else from the first start to the last end. */
  readonly wallSeconds?: number | undefined;
}

/**
 * Makes the results of an experiment from its run folders alone, the rows in the order in which they were started; with the search that chose their
 * settings, if there was one.
 *
 * @throws EQM_RUN_MISSING when no run finished, or the runs are of several experiments; EQM_CLI_USAGE when the reference is not a row.
 */
export function collectFolder({ host, dir, version, reference, wallSeconds }: FolderOptions): ComparisonResults {
  // Trials of a search only chose settings: they are no rows.
  const runs = listRuns(dir).filter(({ recipe }) => !recipe.startsWith('search/'));
  const names = [...new Set(runs.map(({ experiment }) => experiment).filter((name) => name !== ''))];
  if (names.length > 1) {
    throw new EquimodalError('EQM_RUN_MISSING', `the folder holds runs of ${names.length} experiments: ${names.join(', ')}`, {
      where: dir,
    });
  }
  const started = (run: RunRecord): string => run.started ?? '~';
  const ordered = [...runs].sort((a, b) => (started(a) < started(b) ? -1 : started(a) > started(b) ? 1 : 0));
  const rows = new Map<string, { recipe: RecipeConfig; runs: FinishedRun[] }>();
  const failures: ComparisonResults['failures'][number][] = [];
  for (const run of ordered) {
    const finished = run.status === 'unreadable' ? null : finishedRun(run.dir, run.seed);
    if (finished === null) {
      failures.push({ recipe: run.recipe, seed: run.seed, message: run.reason ?? REASONS[run.status] ?? run.status });
      continue;
    }
    const row = rows.get(run.recipe) ?? { recipe: run.manifest['recipe'] as unknown as RecipeConfig, runs: [] };
    rows.set(run.recipe, { ...row, runs: [...row.runs, finished].sort((a, b) => a.seed - b.seed) });
  }
  const first = ordered[0]?.manifest as unknown as RunAbout | undefined;
  const chosen = reference ?? first?.experiment.reference ?? null;
  if (reference !== undefined && !rows.has(reference)) {
    throw new EquimodalError('EQM_CLI_USAGE', `there is no finished row "${reference}"; ${suggestion(reference, [...rows.keys()])}`, {
      where: dir,
    });
  }
  return resultsOf({
    ...{ host, dir, version, failures },
    reference: chosen,
    rows: [...rows.values()],
    wallSeconds: wallSeconds ?? span(runs),
    sweep: readSearch(dir),
  });
}

const REASONS: Readonly<Record<string, string>> = {
  running: 'still running, or killed; go on with --resume',
  interrupted: 'interrupted; go on with --resume',
};

/** Seconds from the first start to the last end. */
function span(runs: readonly RunRecord[]): number {
  const times = (key: 'started' | 'finished'): number[] => runs.flatMap((run) => (run[key] === null ? [] : [Date.parse(run[key])]));
  const [starts, ends] = [times('started'), times('finished')];
  return starts.length === 0 || ends.length === 0 ? 0 : Math.max(0, Math.max(...ends) - Math.min(...starts)) / 1000;
}

interface Collected {
  readonly host: Host;
  readonly dir: string;
  readonly version: string;
  readonly wallSeconds: number;
  readonly reference: string | null;
  readonly rows: readonly { readonly recipe: RecipeConfig; readonly runs: readonly FinishedRun[] }[];
  readonly failures: ComparisonResults['failures'];
  readonly sweep?: SweepResults | undefined;
  /** The published figure that the rows make again; absent: what the runs say. */
  readonly figure?: string | undefined;
}

function resultsOf({
  host,
  dir,
  version,
  wallSeconds,
  reference,
  rows: all,
  failures,
  sweep,
  figure: named,
}: Collected): ComparisonResults {
  const present = all.filter(({ runs }) => runs.length > 0);
  const first = present[0]?.runs[0];
  if (first === undefined) throw new EquimodalError('EQM_RUN_MISSING', 'no run of the comparison finished', { where: dir });
  const { experiment, engine, dataset, sizes } = first.manifest as unknown as RunAbout;
  const figure = named ?? experiment.figure;
  const byRow = new Map(present.map(({ recipe, runs }) => [recipe.id, runs]));
  const tests = reference === null ? undefined : testsAgainst(reference, byRow);
  const rows = present.map(({ recipe, runs }) => rowOf(host, recipe, runs, tests?.get(recipe.id) ?? null));
  return {
    experiment: experiment.name,
    description: experiment.description,
    selection: [...new Set(all.map(({ recipe }) => recipe.training.selection))].join(', '),
    reference,
    engine: { id: engine.id, backend: engine.backend, gpu: engine.gpu, versions: engine.versions },
    dataset: {
      id: dataset.options.use,
      fingerprint: dataset.fingerprint,
      classes: dataset.classes.length,
      classNames: dataset.classes,
      modalities: dataset.modalities.map(({ name }) => name),
      sizes,
      notes: dataset.notes,
    },
    version,
    wallSeconds,
    file: experiment.file,
    rows,
    recipes: Object.fromEntries(present.map(({ recipe }) => [recipe.id, recipe as unknown as Json])),
    runs: present.flatMap(({ recipe, runs }) => runs.map((run) => factsOf(dir, recipe.id, run))),
    published: publishedFor(
      dataset.options.use,
      present.map(({ recipe }) => ({
        id: recipe.id,
        recipe: recipe.recipe,
        encoders: Object.values(recipe.encoders).map(({ use }) => use),
      })),
    ),
    ...(figure === undefined ? {} : { figure: publishedFigure(figure) }),
    confusion: confusionOf(byRow),
    reliability: reliabilityOf(byRow),
    scatter: scatterOf(byRow, rows, reference),
    curves: [...byRow].flatMap(([recipe, runs]) => runs.map((run) => curveOf(recipe, run))),
    failures,
    ...(sweep === undefined ? {} : { sweep }),
  };
}

function factsOf(dir: string, recipe: string, { seed, dir: folder, manifest, metrics }: FinishedRun): RunFacts {
  const text = (key: string): string | null => (typeof manifest[key] === 'string' ? (manifest[key] as string) : null);
  return {
    recipe,
    seed,
    folder: relative(dir, folder).split(sep).join('/') || '.',
    accuracy: metrics.test.accuracy ?? null,
    selectedEpoch: metrics.selectedEpoch,
    seconds: Number(manifest['seconds'] ?? 0),
    started: text('started'),
    commit: text('commit'),
  };
}

/** The folders of experiments at or below a folder: the parents of rows, by what their runs say. */
export function experimentFolders(dir: string): { readonly experiment: string; readonly dir: string }[] {
  const found = new Map<string, string>();
  for (const run of listRuns(dir)) {
    if (run.status === 'unreadable') continue;
    const depth = run.recipe.split('/').length + 1;
    const folder = join(run.dir, ...new Array<string>(depth).fill('..'));
    if (!found.has(folder)) found.set(folder, run.experiment);
  }
  return [...found].map(([folder, experiment]) => ({ experiment, dir: folder }));
}
