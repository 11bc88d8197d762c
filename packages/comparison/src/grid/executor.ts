import type { Job, JobOutcome } from '../job/job.js';
import type { GridFailure } from './failure.js';

/** What happens while a grid runs, for a board or a log. */
export type GridEvent =
  | { readonly type: 'started'; readonly job: Job; readonly slot: number }
  | {
      readonly type: 'progress';
      readonly job: Job;
      /** From 0. */
      readonly epoch: number;
      readonly epochs: number;
      /** Share of the run that is done, in [0, 1]. */
      readonly fraction: number;
      /** Validation accuracy of the last epoch that ended, where there is one. */
      readonly accuracy: number | null;
    }
  | { readonly type: 'warning'; readonly job: Job; readonly message: string }
  /** A line that the process of a job printed. */
  | { readonly type: 'output'; readonly job: Job; readonly line: string }
  /** Its process ended before the run began: it comes again at the end. */
  | { readonly type: 'postponed'; readonly job: Job; readonly message: string }
  | { readonly type: 'finished'; readonly outcome: JobOutcome; readonly done: number; readonly total: number }
  | { readonly type: 'failed'; readonly job: Job; readonly error: GridFailure; readonly done: number; readonly total: number };

export type OnEvent = (event: GridEvent) => void;

/**
 * Where runs execute: the contract between the runner and a pool of processes, this process, or a cluster.
 *
 * - A job is a row and a seed. What it needs besides (the experiment, an engine, the data) is the executor's affair.
 * - The result of a job is its run folder, which runner and executor both see; the outcome only says how it ended.
 * - `execute` is called with every slot at most once at a time. It settles when the job has ended, whatever became of it: it resolves
 *   with the outcome (`interrupted` after `interrupt`), or rejects with a JobError. A process or machine that dies is noticed and
 *   is a JobError with `lost`, and the slot takes the next job as if nothing had been.
 * - Nothing is executed twice, and nothing is tried again: that is for the runner to decide.
 */
export interface Executor {
  /** How many jobs it takes at a time; slots are counted from 0. */
  readonly size: number;
  /** Trains one job to its end. Events of other types than `progress`, `warning` and `output` are the runner's. */
  execute(slot: number, job: Job, onEvent: OnEvent): Promise<JobOutcome>;
  /** Asks the jobs under way to keep a checkpoint and end, and those that are yet to come not to begin. */
  interrupt(): void;
  /** Gives back what it holds. No job is under way any more. */
  dispose(): Promise<void>;
}
