import type { Experiment } from '@equimodal/core';
import type { Job, JobOutcome } from '../job/job.js';
import type { Executor, OnEvent } from './executor.js';
import { failureOf, JobError, type GridFailure } from './failure.js';
import { publishedFigure } from '../published/published.js';

export interface GridOptions {
  /** Ends the grid: nothing more begins, and what is under way keeps a checkpoint. */
  readonly abort?: AbortSignal;
  /**
   * Told of a run whose process is gone, before anything else is done, so that it can be noted in its folder. Returns the outcome if
   * the run had ended well after all, and only could not say so any more.
   */
  readonly onLost?: (job: Job, failure: GridFailure, since: Date) => JobOutcome | undefined;
}

export interface GridResult {
  readonly outcomes: readonly JobOutcome[];
  readonly failures: readonly { readonly job: Job; readonly error: GridFailure }[];
}

/**
 * The cells of an experiment, seed by seed, so that at any time the rows of the table stand on the same seeds.
 *
 * @throws EQM_CONFIG_INVALID where the experiment makes a published figure again that is not known.
 */
export function jobsOf(experiment: Experiment): Job[] {
  if (experiment.figure !== null) publishedFigure(experiment.figure);
  return experiment.seeds.flatMap((seed) => experiment.recipes.map(({ id }) => ({ recipe: id, seed })));
}

/**
 * Runs all jobs over the executor's slots, in order. A failed job does not stop the others, unless they would all meet what it met
 * (data, engine, a full disk): then those under way keep a checkpoint, and the error is thrown once they have. A job whose process
 * ended before the run began is tried once more, at the end.
 *
 * @throws JobError of a failure that concerns every job.
 */
export async function runGrid(jobs: readonly Job[], executor: Executor, onEvent: OnEvent, options: GridOptions = {}): Promise<GridResult> {
  const { abort, onLost } = options;
  const outcomes: JobOutcome[] = [];
  const failures: { job: Job; error: GridFailure }[] = [];
  const queue = [...jobs];
  const again = new Set<Job>();
  let fatal: JobError | undefined;
  const interrupt = (): void => executor.interrupt();
  const finished = (outcome: JobOutcome): void => {
    if (outcome.status !== 'interrupted') outcomes.push(outcome);
    onEvent({ type: 'finished', outcome, done: outcomes.length + failures.length, total: jobs.length });
  };
  const failed = (job: Job, error: GridFailure): void => {
    failures.push({ job, error });
    onEvent({ type: 'failed', job, error, done: outcomes.length + failures.length, total: jobs.length });
    if (error.scope !== 'grid' || fatal !== undefined) return;
    fatal = new JobError(error);
    executor.interrupt();
  };
  const run = async (slot: number, job: Job): Promise<void> => {
    const since = new Date();
    let began = false;
    onEvent({ type: 'started', job, slot });
    try {
      const outcome = await executor.execute(slot, job, (event) => {
        if (event.type === 'progress') began = true;
        onEvent(event);
      });
      finished(outcome);
    } catch (thrown) {
      const error = failureOf(thrown);
      if (error.lost === true && !began && !again.has(job) && abort?.aborted !== true) {
        again.add(job);
        queue.push(job);
        onEvent({ type: 'postponed', job, message: error.message });
        return;
      }
      const outcome = error.lost === true ? onLost?.(job, error, since) : undefined;
      if (outcome === undefined) failed(job, error);
      else finished(outcome);
    }
  };
  const work = async (slot: number): Promise<void> => {
    while (queue.length > 0 && abort?.aborted !== true && fatal === undefined) await run(slot, queue.shift()!);
  };
  abort?.addEventListener('abort', interrupt, { once: true });
  try {
    await Promise.all(Array.from({ length: Math.min(executor.size, jobs.length) }, (_, slot) => work(slot)));
  } finally {
    abort?.removeEventListener('abort', interrupt);
  }
  if (fatal !== undefined) throw fatal;
  return { outcomes, failures };
}
