import type { Experiment } from '@equimodal/core';
import type { Job, JobOutcome } from '../job/job.js';

/** What happens while a grid runs, for progress lines. */
export type GridEvent =
  | { readonly type: 'started'; readonly job: Job; readonly worker: number }
  | { readonly type: 'progress'; readonly job: Job; readonly epoch: number; readonly epochs: number; readonly fraction: number }
  | { readonly type: 'warning'; readonly job: Job; readonly message: string }
  | { readonly type: 'finished'; readonly outcome: JobOutcome; readonly done: number; readonly total: number }
  | { readonly type: 'failed'; readonly job: Job; readonly error: GridFailure; readonly done: number; readonly total: number };

export interface GridFailure {
  readonly code: string;
  readonly message: string;
  readonly text: string;
  readonly stack?: string;
}

/** Runs jobs; each call of `execute` takes one worker. */
export interface Executor {
  readonly size: number;
  execute(worker: number, job: Job, onEvent: (event: GridEvent) => void): Promise<JobOutcome>;
  dispose(): Promise<void>;
}

export interface GridResult {
  readonly outcomes: readonly JobOutcome[];
  readonly failures: readonly { readonly job: Job; readonly error: GridFailure }[];
}

/** The cells of an experiment, seed by seed, so that a table with fewer seeds is there early. */
export function jobsOf(experiment: Experiment): Job[] {
  return experiment.seeds.flatMap((seed) => experiment.recipes.map(({ id }) => ({ recipe: id, seed })));
}

/** An error that came from a job, with what a user should read. */
export class JobError extends Error {
  constructor(readonly failure: GridFailure) {
    super(failure.message);
  }
}

/** Failures that every other job would meet too: the data or the engine. */
const FATAL = /^EQM_(DATA|ENGINE|CONFIG|PLUGIN_LOAD)/;

/**
 * Runs all jobs over the executor's workers. A failed job does not stop the others, unless data or engine are at
 * fault; an abort stops what has not begun.
 *
 * @throws JobError of a failure that concerns every job.
 */
export async function runGrid(
  jobs: readonly Job[],
  executor: Executor,
  onEvent: (event: GridEvent) => void,
  abort?: AbortSignal,
): Promise<GridResult> {
  const outcomes: JobOutcome[] = [];
  const failures: { job: Job; error: GridFailure }[] = [];
  let next = 0;
  const done = (): number => outcomes.length + failures.length;
  const work = async (worker: number): Promise<void> => {
    while (next < jobs.length && abort?.aborted !== true) {
      const job = jobs[next++]!;
      onEvent({ type: 'started', job, worker });
      try {
        const outcome = await executor.execute(worker, job, onEvent);
        outcomes.push(outcome);
        onEvent({ type: 'finished', outcome, done: done(), total: jobs.length });
      } catch (error) {
        if (!(error instanceof JobError) || FATAL.test(error.failure.code)) {
          next = jobs.length;
          throw error;
        }
        failures.push({ job, error: error.failure });
        onEvent({ type: 'failed', job, error: error.failure, done: done(), total: jobs.length });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(executor.size, jobs.length) }, (_, worker) => work(worker)));
  return { outcomes, failures };
}
