import type { Executor } from './executor.js';
import { WorkerProcess, type WorkerOptions } from './worker-process.js';

export interface PoolOptions extends WorkerOptions {
  /** How many processes at a time. */
  readonly size: number;
}

/**
 * A pool of processes on this machine, one engine each (the native add-on does not load in two threads of one process). A worker
 * begins with its first job and takes jobs one after another, so data are loaded once; one that dies fails its job only, and the next
 * job begins another.
 */
export function processPool(options: PoolOptions): Executor {
  const workers: (WorkerProcess | undefined)[] = Array.from({ length: options.size }, () => undefined);
  return {
    size: options.size,
    execute(slot, job, onEvent) {
      let worker = workers[slot];
      if (worker === undefined || worker.dead) workers[slot] = worker = new WorkerProcess(options);
      return worker.run(job, onEvent);
    },
    interrupt() {
      for (const worker of workers) worker?.send({ type: 'interrupt' });
    },
    async dispose() {
      await Promise.all(workers.map((worker) => worker?.close() ?? Promise.resolve()));
    },
  };
}
