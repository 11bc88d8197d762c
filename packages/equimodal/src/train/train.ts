import { join } from 'node:path';
import { VERSION } from '@equimodal/cli';
import { runJob, type JobOutcome } from '@equimodal/comparison';
import type { RecipeConfig, RunControls, Signals } from '@equimodal/core';
import { readJson, RunFolder, train as trainRow, type RunMetrics } from '@equimodal/training';
import { openExperiment, type ExperimentInput, type OpenExperiment, type OpenOptions } from '../open/open.js';

export interface TrainOptions extends Omit<OpenOptions, 'recipes' | 'seeds'> {
  /** The row to train, or a recipe that the experiment does not list. Default: the first row. */
  readonly recipe?: string;
  /** Default: the first seed of the experiment. */
  readonly seed?: number;
  /** Where run folders go, as `<out>/<experiment>/<row>/seed-<n>`. Default: nothing is written. */
  readonly out?: string;
  /** Reuse a finished run of the folder, or continue an unfinished one. */
  readonly resume?: boolean;
  readonly abort?: AbortSignal;
  /** Look for plugins that leave tensors behind, and warn. */
  readonly debug?: boolean;
  /** Called before the run starts: subscribe to signals, keep the controls. */
  readonly attach?: (signals: Signals, controls: RunControls) => void;
}

/** How a run ended. */
export interface Trained {
  readonly status: JobOutcome['status'];
  /** The row that was trained, with every choice and option spelled out. */
  readonly recipe: RecipeConfig;
  readonly seed: number;
  /** Figures on validation and test; null if the run was interrupted. */
  readonly metrics: RunMetrics | null;
  readonly seconds: number;
  /** The run folder, for `exportRun` and `predict`; null if nothing was written. */
  readonly folder: string | null;
}

/**
 * Trains one row of an experiment with one seed.
 *
 * @throws EquimodalError EQM_CONFIG_* before any data is read, EQM_PLUGIN_FAULT if a plugin breaks its contract,
 *   EQM_TRAIN_DIVERGED if a loss is not finite any more.
 * @example
 * const { metrics } = await train({ dataset: 'synthetic-av', encoders: { default: 'lenet' }, recipes: ['lfm-h'] });
 * console.log(metrics?.test.accuracy);
 */
export async function train(input: ExperimentInput, options: TrainOptions = {}): Promise<Trained> {
  const { recipe: wanted, seed: given } = options;
  const opened = await openExperiment(input, { ...options, ...(wanted === undefined ? {} : { recipes: [wanted] }) });
  const { experiment } = opened;
  const recipe = experiment.recipes[0]!;
  const seed = given ?? experiment.seeds[0] ?? 0;
  return options.out === undefined ? inMemory(opened, recipe, seed, options) : onDisk(opened, recipe, seed, options, options.out);
}

async function inMemory(opened: OpenExperiment, recipe: RecipeConfig, seed: number, options: TrainOptions): Promise<Trained> {
  const { host, engine, experiment, dataset, dataRoot } = opened;
  const { abort, debug = false, attach } = options;
  const { status, metrics, seconds } = await trainRow({
    host,
    engine,
    experiment: experiment.name,
    recipe,
    seed,
    dataset,
    metrics: experiment.metrics,
    observers: experiment.observers,
    places: { baseDir: experiment.baseDir, dataRoot },
    debug,
    ...(abort === undefined ? {} : { abort }),
    ...(attach === undefined ? {} : { attach }),
  });
  return { status, recipe, seed, metrics, seconds, folder: null };
}

async function onDisk(opened: OpenExperiment, recipe: RecipeConfig, seed: number, options: TrainOptions, out: string): Promise<Trained> {
  const { abort, debug = false, resume = false, attach } = options;
  const { status, seconds, dir } = await runJob(
    {
      ...opened,
      experimentDir: join(out, opened.experiment.name),
      version: VERSION,
      resume,
      debug,
      ...(abort === undefined ? {} : { abort }),
      ...(attach === undefined ? {} : { attach: (_job, signals, controls) => attach(signals, controls) }),
    },
    { recipe: recipe.id, seed },
  );
  const metrics = status === 'interrupted' ? null : (readJson(new RunFolder(dir).metrics, 'EQM_RUN_MISSING') as unknown as RunMetrics);
  return { status, recipe, seed, metrics, seconds, folder: dir };
}
