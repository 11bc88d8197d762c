import { execFileSync } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import {
  type Json,
  EquimodalError,
  type Engine,
  type Experiment,
  type Host,
  type LoadedDataset,
  type RecipeConfig,
  type RunControls,
  type Signals,
} from '@equimodal/core';
import { configHash, pinWeights, RunFolder, summarizeDataset, train, type RunResult } from '@equimodal/training';
import { codedError, type GridFailure } from '../grid/failure.js';
import { takeLock } from '../lock/lock.js';
import type { ProcessId } from '../lock/process.js';
import { isTrial, rowOfJob } from '../sweep/rows.js';
import { earlierFailure, manifestOf, removePartials, stateOf } from './state.js';

/** One cell of the grid. */
export interface Job {
  /** Id of the row, or of a trial of its sweep. */
  readonly recipe: string;
  readonly seed: number;
  /** The row with the settings of that trial. */
  readonly trial?: number;
}

/** What all jobs of an experiment share in one process. */
export interface JobSetting {
  readonly host: Host;
  readonly engine: Engine;
  readonly experiment: Experiment;
  readonly dataset: LoadedDataset;
  /** Folder of the user's data, where weight files may lie. */
  readonly dataRoot?: string | undefined;
  /** `runs/<experiment>`. */
  readonly experimentDir: string;
  readonly version: string;
  /** Reuse finished runs and continue unfinished ones. */
  readonly resume: boolean;
  /** With `resume`: begin anew what failed by its own doing, which else stays failed. */
  readonly retryFailed?: boolean;
  /** The process that this one works for. */
  readonly runner?: ProcessId;
  readonly abort?: AbortSignal;
  /** Look for plugins that leave tensors behind, and warn. */
  readonly debug?: boolean;
  readonly attach?: (job: Job, signals: Signals, controls: RunControls) => void;
}

/** What a finished job leaves behind in memory; the rest is in its folder. */
export interface JobOutcome {
  readonly job: Job;
  readonly dir: string;
  readonly status: RunResult['status'] | 'reused';
  readonly accuracy: number | null;
  readonly seconds: number;
}

/** Folder of a job. */
export function folderOf(experimentDir: string, job: Job): RunFolder {
  return new RunFolder(join(experimentDir, ...job.recipe.split('/'), `seed-${job.seed}`));
}

/**
 * Trains one row with one seed into its folder: `run.json` when it starts and when it ends, `metrics.json`,
 * signals and checkpoints between. One process at a time works on a folder.
 *
 * With `resume`, a finished run of the same configuration is reused, an unfinished one continued, and one that failed by its own doing
 * stays failed, unless `retryFailed` begins it anew. Without, an older run in the folder is moved aside; nothing is overwritten.
 *
 * @throws EQM_RUN_LOCKED, EQM_RUN_EXISTS, EQM_DISK_FULL, or what the run failed with.
 */
export async function runJob(setting: JobSetting, job: Job): Promise<JobOutcome> {
  const folder = folderOf(setting.experimentDir, job);
  const path = join(dirname(folder.dir), `.${basename(folder.dir)}.lock`);
  const lock = await takeLock(path, { what: `${job.recipe}, seed ${job.seed},`, runner: setting.runner });
  try {
    return await lockedJob(setting, job, folder);
  } finally {
    lock.release();
  }
}

/**
 * Notes in a run's folder that its process is gone. If the run had ended well by then, nothing is noted, and its outcome returned.
 *
 * @param since when the process began with the job; what was finished before is not its work.
 */
export function recordLost(experimentDir: string, job: Job, { code, message, where }: GridFailure, since: Date): JobOutcome | undefined {
  const folder = folderOf(experimentDir, job);
  const before: Readonly<Record<string, Json>> = manifestOf(folder) ?? { recipe: { id: job.recipe }, seed: job.seed };
  const { status, finished, seconds } = before;
  if (status === 'completed' || status === 'stopped') {
    if (typeof finished !== 'string' || new Date(finished) < since) return undefined;
    return { job, dir: folder.dir, status, accuracy: accuracyOf(before), seconds: Number(seconds ?? 0) };
  }
  try {
    folder.write(folder.manifest, { ...before, status: 'failed', finished: new Date().toISOString(), error: { code, message, where } });
  } catch {
    // On a full disk the record stays `running`, which is continued like any other.
  }
  return undefined;
}

async function lockedJob(setting: JobSetting, job: Job, folder: RunFolder): Promise<JobOutcome> {
  const { host, engine, experiment, dataset, retryFailed = false, abort, debug = false, attach } = setting;
  const row = rowOfJob(experiment, job);
  const places = { baseDir: experiment.baseDir, dataRoot: setting.dataRoot };
  const recipe = pinWeights(host, row, places);
  const config = configHash({ recipe, seed: job.seed, dataset, metrics: experiment.metrics });
  const before = manifestOf(folder);
  const state = stateOf(before);
  const resume = setting.resume && !(state === 'failed' && retryFailed);
  if (before !== undefined && state !== 'none') {
    if (!resume) folder.setAside();
    else if (before['config'] !== config) {
      throw new EquimodalError('EQM_RUN_EXISTS', `the folder holds a run of another configuration`, { where: folder.dir });
    } else if (state === 'finished') {
      return { job, dir: folder.dir, status: 'reused', accuracy: accuracyOf(before), seconds: Number(before['seconds'] ?? 0) };
    } else if (state === 'failed') throw earlierFailure(before);
  }
  removePartials(folder);

  const started = new Date().toISOString();
  const manifest = { ...describe(setting, recipe, job.seed), config, started };
  folder.write(folder.manifest, { status: 'running', ...manifest });
  const memory = new PeakMemory();
  try {
    const result = await train({
      host,
      engine,
      experiment: experiment.name,
      recipe,
      seed: job.seed,
      dataset,
      metrics: experiment.metrics,
      places,
      observers: experiment.observers,
      folder,
      resume,
      debug,
      withholdTest: isTrial(experiment, job),
      ...(abort === undefined ? {} : { abort }),
      attach(signals, controls) {
        signals.on('step.completed').subscribe(({ step }) => {
          if (step % 32 === 0) memory.sample();
        });
        signals.on('epoch.completed').subscribe(() => memory.sample());
        attach?.(job, signals, controls);
      },
    });
    const { status, reason, seconds, parameters, flops, sizes, pretrained, frozen } = result;
    const accuracy = result.metrics?.test.accuracy ?? null;
    folder.write(folder.manifest, {
      status,
      reason,
      ...manifest,
      finished: new Date().toISOString(),
      seconds,
      parameters,
      flops,
      sizes,
      ...(pretrained.length === 0 ? {} : { pretrained: pretrained.map(recorded) }),
      ...(frozen.length === 0 ? {} : { frozen }),
      peakMemoryMb: memory.peakMb,
      accuracy,
    });
    return { job, dir: folder.dir, status, accuracy, seconds };
  } catch (error) {
    const { code, message, where = null } = codedError(error);
    try {
      folder.write(folder.manifest, { status: 'failed', ...manifest, finished: new Date().toISOString(), error: { code, message, where } });
    } catch {
      // On a full disk the record stays `running`, which is continued like any other.
    }
    throw error;
  }
}

/** What run.json says of a weight file: whose it was, and what found no place. */
function recorded({ modality, file, sha256, loaded, fresh, unused }: RunResult['pretrained'][number]): Record<string, unknown> {
  const named = (names: readonly string[]) => ({ count: names.length, names });
  return { modality, file, sha256, loaded, fresh: named(fresh), unused: named(unused) };
}

function accuracyOf(manifest: Readonly<Record<string, unknown>>): number | null {
  return typeof manifest['accuracy'] === 'number' ? manifest['accuracy'] : null;
}

/** Everything needed to regenerate the run. */
function describe({ experiment, dataset, engine, version, host }: JobSetting, recipe: RecipeConfig, seed: number): Record<string, unknown> {
  const { splits, splitHash } = summarizeDataset(dataset);
  return {
    experiment: {
      name: experiment.name,
      description: experiment.description,
      file: experiment.file,
      baseDir: experiment.baseDir,
      plugins: experiment.plugins,
      reference: experiment.reference,
      ...(experiment.figure === null ? {} : { figure: experiment.figure }),
    },
    recipe,
    seed,
    dataset: {
      options: experiment.dataset,
      fingerprint: dataset.fingerprint,
      classes: dataset.classes,
      modalities: dataset.modalities,
      sizes: Object.fromEntries(Object.entries(splits).map(([name, { rows }]) => [name, rows])),
      counts: Object.fromEntries(Object.entries(splits).map(([name, { counts }]) => [name, counts])),
      splitHash,
      notes: dataset.notes ?? [],
    },
    metrics: experiment.metrics,
    observers: experiment.observers,
    engine: {
      id: engine.id,
      backend: engine.backend,
      gpu: engine.gpu,
      native: engine.native,
      versions: engine.versions,
      threads: engine.threads,
    },
    versions: {
      equimodal: version,
      node: process.version,
      plugins: Object.fromEntries(host.plugins.map((plugin) => [plugin.name, plugin.version ?? null])),
    },
    commit: gitCommit(experiment.baseDir),
  };
}

function gitCommit(dir: string): string | null {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: dir, stdio: ['ignore', 'pipe', 'ignore'], timeout: 5000 })
      .toString()
      .trim();
  } catch {
    return null;
  }
}

/** Largest resident memory of the process seen while a run was on. */
class PeakMemory {
  #peak = process.memoryUsage.rss();

  sample(): void {
    this.#peak = Math.max(this.#peak, process.memoryUsage.rss());
  }

  get peakMb(): number {
    this.sample();
    return Math.round(this.#peak / 2 ** 20);
  }
}
