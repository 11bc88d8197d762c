import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { EquimodalError, messageOf, type Json } from '@equimodal/core';
import { RunFolder } from '@equimodal/training';

/** One run, as its folder tells it. */
export interface RunRecord {
  readonly dir: string;
  /** `running`, `completed`, `stopped`, `interrupted`, `failed` or `unreadable`. `running` is also what a killed run leaves behind; `unreadable` has no usable run.json. */
  readonly status: string;
  readonly experiment: string;
  readonly recipe: string;
  readonly seed: number;
  readonly dataset: string;
  /** Test accuracy, once there is one. */
  readonly accuracy: number | null;
  readonly seconds: number | null;
  readonly parameters: number | null;
  readonly engine: string | null;
  readonly started: string | null;
  readonly finished: string | null;
  /** Why it ended, or what failed. */
  readonly reason: string | null;
  /** All of run.json. */
  readonly manifest: Readonly<Record<string, Json>>;
}

/** Which runs are wanted; every given part has to hold, and one of its values is enough. */
export interface RunFilter {
  readonly experiments?: readonly string[] | undefined;
  readonly recipes?: readonly string[] | undefined;
  readonly datasets?: readonly string[] | undefined;
  readonly seeds?: readonly number[] | undefined;
  readonly statuses?: readonly string[] | undefined;
}

/**
 * The runs below a folder, in the order of their paths. Runs that were moved aside (`seed-0.old-1`) are left out.
 *
 * @throws EQM_RUN_MISSING when the folder is not there.
 */
export function listRuns(dir: string): RunRecord[] {
  if (!existsSync(dir)) throw new EquimodalError('EQM_RUN_MISSING', `there is no folder ${dir}`, { where: dir });
  return runFolders(dir).map(readRun);
}

function runFolders(dir: string): string[] {
  if (existsSync(join(dir, 'run.json'))) return [dir];
  let entries;
  try {
    entries = readdirSync(dir, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter((entry) => entry.isDirectory() && !/\.old-\d+$/.test(entry.name) && entry.name !== 'node_modules')
    .map(({ name }) => name)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .flatMap((name) => runFolders(join(dir, name)));
}

function readRun(dir: string): RunRecord {
  const folder = new RunFolder(dir);
  try {
    return recordOf(dir, folder.readManifest());
  } catch (error) {
    const [seed, ...names] = relative('.', dir).split(sep).reverse();
    return {
      dir,
      status: 'unreadable',
      experiment: '',
      recipe: names[0] ?? '',
      seed: Number(/\d+$/.exec(seed ?? '')?.[0] ?? NaN),
      dataset: '',
      accuracy: null,
      seconds: null,
      parameters: null,
      engine: null,
      started: null,
      finished: null,
      reason: messageOf(error),
      manifest: {},
    };
  }
}

function recordOf(dir: string, manifest: Readonly<Record<string, Json>>): RunRecord {
  const at = (...path: string[]): Json | undefined =>
    path.reduce<Json | undefined>(
      (value, key) =>
        typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, Json>)[key] : undefined,
      manifest as Json,
    );
  const text = (...path: string[]): string | null => {
    const value = at(...path);
    return typeof value === 'string' ? value : null;
  };
  const number = (...path: string[]): number | null => {
    const value = at(...path);
    return typeof value === 'number' ? value : null;
  };
  const [status, recipe, seed] = [text('status'), text('recipe', 'id'), number('seed')];
  if (status === null || recipe === null || seed === null) {
    throw new EquimodalError('EQM_RUN_MISSING', 'run.json does not describe a run');
  }
  const code = text('error', 'code');
  return {
    dir,
    status,
    experiment: text('experiment', 'name') ?? '',
    recipe,
    seed,
    dataset: text('dataset', 'options', 'use') ?? '',
    accuracy: number('accuracy'),
    seconds: number('seconds'),
    parameters: number('parameters'),
    engine: text('engine', 'id'),
    started: text('started'),
    finished: text('finished'),
    reason: code === null ? text('reason') : `${code}: ${text('error', 'message') ?? ''}`,
    manifest,
  };
}

/** The runs that a filter wants. A recipe also names the rows it expands to: `unimodal` is every `unimodal/...`. */
export function filterRuns(runs: readonly RunRecord[], filter: RunFilter): RunRecord[] {
  const { experiments, recipes, datasets, seeds, statuses } = filter;
  return runs.filter(
    (run) =>
      (experiments === undefined || experiments.includes(run.experiment)) &&
      (recipes === undefined || recipes.some((name) => run.recipe === name || run.recipe.startsWith(`${name}/`))) &&
      (datasets === undefined || datasets.includes(run.dataset)) &&
      (seeds === undefined || seeds.includes(run.seed)) &&
      (statuses === undefined || statuses.includes(run.status)),
  );
}
