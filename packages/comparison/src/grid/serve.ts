import type { Job, JobOutcome } from '../job/job.js';
import type { OnEvent } from './executor.js';
import { failureOf } from './failure.js';
import type { FromWorker, ToWorker } from './messages.js';

/**
 * The worker's side of the pool: takes jobs from the parent process until told to go, or until the parent is gone. Then it ends at
 * once, whatever it was doing: the last checkpoint stands, and nobody is there to hear of more.
 */
export function serveJobs(run: (job: Job, onEvent: OnEvent) => Promise<JobOutcome>, interrupt: () => void): void {
  const send = (message: FromWorker): void => void process.send?.(message);
  process.on('message', (raw) => {
    const message = raw as ToWorker;
    if (message.type === 'exit') process.exit(0);
    if (message.type === 'interrupt') interrupt();
    if (message.type !== 'run') return;
    run(message.job, (event) => send({ type: 'event', event })).then(
      (outcome) => send({ type: 'done', outcome }),
      (error: unknown) => send({ type: 'failed', error: failureOf(error) }),
    );
  });
  process.on('disconnect', () => process.exit(1));
}
