import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import {
  EquimodalError,
  messageOf,
  type Engine,
  type Experiment,
  type Host,
  type LoadedDataset,
  type RecipeConfig,
  type RunControls,
  type Signals,
} from '@equimodal/core';
import { configHash, pinWeights, RunFolder, summarizeDataset, train, type RunResult } from '@equimodal/training';

/** One cell of the grid. */
export interface Job {
  readonly recipe: string;
  readonly seed: number;
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
  readonly resume: boolean;
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
 * signals and checkpoints between.
 *
 * With `resume`, a finished run of the same configuration is reused and an unfinished one continued.
 * Without, an older run in the folder is moved aside; nothing is overwritten.
 */
export async function runJob(setting: JobSetting, job: Job): Promise<JobOutcome> {
  const { host, engine, experiment, dataset, resume, abort, debug = false, attach } = setting;
  const row = experiment.recipes.find((candidate) => candidate.id === job.recipe);
  if (row === undefined) throw new EquimodalError('EQM_INTERNAL', `there is no row "${job.recipe}"`);
  const places = { baseDir: experiment.baseDir, dataRoot: setting.dataRoot };
  const recipe = pinWeights(host, row, places);
  const folder = folderOf(setting.experimentDir, job);
  const config = configHash({ recipe, seed: job.seed, dataset, metrics: experiment.metrics });
  if (folder.exists()) {
    const before = folder.readManifest();
    if (!resume) folder.setAside();
    else if (before['config'] !== config) {
      throw new EquimodalError('EQM_RUN_EXISTS', `the folder holds a run of another configuration`, { where: folder.dir });
    } else if (before['status'] === 'completed' || before['status'] === 'stopped') {
      return { job, dir: folder.dir, status: 'reused', accuracy: accuracyOf(before), seconds: Number(before['seconds'] ?? 0) };
    }
  }

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
      ...(abort === undefined ? {} : { abort }),
      attach(signals, controls) {
        signals.on('step.completed').subscribe(({ step }) => {
          if (step % 32 === 0) memory.sample();
        });
        signals.on('epoch.completed').subscribe(() => memory.sample());
        attach?.(job, signals, controls);
      },
    });
    const { status, reason, seconds, parameters, sizes, pretrained, frozen } = result;
    const accuracy = result.metrics?.test.accuracy ?? null;
    folder.write(folder.manifest, {
      status,
      reason,
      ...manifest,
      finished: new Date().toISOString(),
      seconds,
      parameters,
      sizes,
      ...(pretrained.length === 0 ? {} : { pretrained: pretrained.map(recorded) }),
      ...(frozen.length === 0 ? {} : { frozen }),
      peakMemoryMb: memory.peakMb,
      accuracy,
    });
    return { job, dir: folder.dir, status, accuracy, seconds };
  } catch (error) {
    const failure =
      error instanceof EquimodalError
        ? { code: error.code, message: error.message, where: error.where ?? null }
        : { code: 'EQM_INTERNAL', message: messageOf(error), where: null };
    folder.write(folder.manifest, { status: 'failed', ...manifest, finished: new Date().toISOString(), error: failure });
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
