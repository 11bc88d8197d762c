import { fileURLToPath } from 'node:url';
import {
  inProcess,
  processPool,
  recordLost,
  runGrid,
  type Executor,
  type GridOptions,
  type GridResult,
  type Job,
  type OnEvent,
  type PoolShape,
} from '@equimodal/comparison';
import { onInterrupt } from '../interrupt.js';
import type { CompareFlags } from '../options.js';
import { Board } from '../output/board.js';
import { note } from '../output/print.js';
import { prepareJobs, type Session } from '../session.js';
import type { WorkerTask } from '../worker.js';

/** Lines of TensorFlow's own log that tell a user nothing. */
const NATIVE_LOG = /^(WARNING: All log messages before absl|[IW]\d{4} [\d:.]+ )/;

/** What `compare` runs its jobs with: an executor, a board, and Ctrl-C. */
export interface GridSession {
  /** Runs jobs to their end; undefined after Ctrl-C, when all of them have ended. */
  run(jobs: readonly Job[]): Promise<GridResult | undefined>;
  close(): Promise<void>;
}

export async function openGrid(session: Session, file: string, flags: CompareFlags, shape: PoolShape): Promise<GridSession> {
  const interrupt = onInterrupt();
  const executor = await makeExecutor(session, file, flags, shape);
  return {
    async run(jobs) {
      const board = new Board({ jobs, slots: executor.size });
      const onEvent: OnEvent = (event) => {
        if (event.type !== 'output' || flags.debug === true || !NATIVE_LOG.test(event.line)) board.handle(event);
      };
      const onLost: GridOptions['onLost'] = (job, failure, since) => recordLost(session.experimentDir, job, failure, since);
      const result = await runGrid(jobs, executor, onEvent, { abort: interrupt.signal, onLost }).finally(() => board.close());
      if (!interrupt.signal.aborted) return result;
      note('interrupted; go on with --resume');
      return undefined;
    },
    async close() {
      interrupt.release();
      await executor.dispose();
    },
  };
}

async function makeExecutor(session: Session, file: string, flags: CompareFlags, { processes, threads }: PoolShape): Promise<Executor> {
  if (flags.inProcess === true) return inProcess(await prepareJobs(session, { ...flags, threads }));
  const task: WorkerTask = { file, flags: { ...flags, threads } };
  return processPool({
    module: fileURLToPath(new URL('../worker.js', import.meta.url)),
    args: [JSON.stringify(task)],
    size: processes,
    env: { EQUIMODAL_THREADS: String(threads) },
  });
}

/** Tells of every failed run, once, when all have ended. */
export function noteFailures({ failures }: GridResult, flags: CompareFlags): void {
  for (const { job, error } of failures) {
    note(`${job.recipe} seed ${job.seed}: ${flags.debug === true ? (error.stack ?? error.text) : error.text}`);
  }
}
