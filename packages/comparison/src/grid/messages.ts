import type { Job, JobOutcome } from '../job/job.js';
import type { GridEvent } from './executor.js';
import type { GridFailure } from './failure.js';

/** What the pool tells a worker process. */
export type ToWorker = { readonly type: 'run'; readonly job: Job } | { readonly type: 'interrupt' } | { readonly type: 'exit' };

/** What a worker process tells the pool. */
export type FromWorker =
  | { readonly type: 'event'; readonly event: GridEvent }
  | { readonly type: 'done'; readonly outcome: JobOutcome }
  | { readonly type: 'failed'; readonly error: GridFailure };
