import type { Experiment } from '@equimodal/core';
import { train } from '@equimodal/training';
import { folderOf, type Job, type JobSetting } from '../job/job.js';
import { manifestOf, stateOf, type RunState } from '../job/state.js';
import { rowIdOf, rowOfJob } from '../sweep/rows.js';

/** A job and what its folder says of it. */
export interface PlannedJob extends Job {
  readonly state: RunState;
  /** Wall time of the finished run, else null. */
  readonly seconds: number | null;
}

/** What there is of every job. */
export function planOf(experimentDir: string, jobs: readonly Job[]): PlannedJob[] {
  return jobs.map((job) => {
    const manifest = manifestOf(folderOf(experimentDir, job));
    const state = stateOf(manifest);
    return { ...job, state, seconds: state === 'finished' ? Number(manifest!['seconds'] ?? 0) : null };
  });
}

/** What a run of a row costs. */
export interface RowEstimate {
  readonly recipe: string;
  readonly epochs: number;
  /** Wall time of one run; null where nothing is known. */
  readonly seconds: number | null;
  /** Finished runs of the row (their mean), or a few steps made for this. */
  readonly from: 'runs' | 'steps' | null;
}

/** The mean over each row's finished runs. */
export function knownCosts(experiment: Experiment, plan: readonly PlannedJob[]): RowEstimate[] {
  return experiment.recipes.map(({ id, training: { epochs } }) => {
    const known = plan.flatMap(({ recipe, seed, seconds }) =>
      rowIdOf(experiment, { recipe, seed }) === id && seconds !== null ? [seconds] : [],
    );
    if (known.length === 0) return { recipe: id, epochs, seconds: null, from: null };
    return { recipe: id, epochs, seconds: known.reduce((a, b) => a + b, 0) / known.length, from: 'runs' };
  });
}

const TRIAL_MS = 3000;

/**
 * Trains a row for a few seconds, writing nothing, and extrapolates: the time until the first step once, every later step as often as
 * the run makes one. An evaluation counts where the trial comes to one.
 *
 * @returns seconds of one whole run.
 */
export async function trialCost(setting: JobSetting, job: Job): Promise<number> {
  const { host, engine, experiment, dataset } = setting;
  const recipe = rowOfJob(experiment, job);
  const abort = new AbortController();
  const began = performance.now();
  const steps: number[] = [];
  let [stepsPerEpoch, evaluation] = [1, 0];
  await train({
    ...{ host, engine, recipe, dataset, experiment: experiment.name, seed: job.seed, metrics: experiment.metrics, observers: [] },
    places: { baseDir: experiment.baseDir, dataRoot: setting.dataRoot },
    abort: abort.signal,
    attach(signals) {
      signals.on('run.started').subscribe((signal) => (stepsPerEpoch = signal.stepsPerEpoch));
      signals.on('step.completed').subscribe(() => {
        steps.push(performance.now());
        if (steps.length > 10 && performance.now() - began > TRIAL_MS) abort.abort();
      });
      signals.on('epoch.completed').subscribe(() => {
        evaluation = performance.now() - steps.at(-1)!;
        abort.abort();
      });
    },
  });
  // The first steps are captured and compared with eager ones; later ones are what counts.
  const settled = steps.slice(Math.floor(steps.length / 2));
  const perStep = settled.length > 1 ? (settled.at(-1)! - settled[0]!) / (settled.length - 1) : steps[0]! - began;
  const { epochs } = recipe.training;
  return (steps[0]! - began + epochs * (stepsPerEpoch * perStep + evaluation)) / 1000;
}
