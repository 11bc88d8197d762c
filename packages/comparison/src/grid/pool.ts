import { fork, type ChildProcess } from 'node:child_process';
import { EquimodalError } from '@equimodal/core';
import type { Job, JobOutcome } from '../job/job.js';
import { JobError, type Executor, type GridEvent, type GridFailure } from './grid.js';

/** Messages between the pool and a worker process. */
export type ToWorker = { readonly type: 'run'; readonly job: Job } | { readonly type: 'interrupt' } | { readonly type: 'exit' };
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'event'; readonly event: GridEvent }
  | { readonly type: 'done'; readonly outcome: JobOutcome }
  | { readonly type: 'failed'; readonly error: GridFailure };

export interface PoolOptions {
  /** Module that runs as a worker, and its arguments. */
  readonly module: string;
  readonly args: readonly string[];
  readonly size: number;
  /** Environment of the workers beside the parent's. */
  readonly env: Readonly<Record<string, string>>;
  readonly abort?: AbortSignal;
}

/**
 * A pool of processes, one engine each (the native add-on does not load in two threads of one process).
 * A worker loads the dataset once and takes jobs one after another; a worker that dies fails its job only.
 */
export function processPool(options: PoolOptions): Executor {
  const workers: (Worker | undefined)[] = Array.from({ length: options.size }, () => undefined);
  const interrupt = (): void => workers.forEach((worker) => worker?.send({ type: 'interrupt' }));
  options.abort?.addEventListener('abort', interrupt, { once: true });
  return {
    size: options.size,
    async execute(index, job, onEvent) {
      let worker = workers[index];
      if (worker === undefined || worker.dead) workers[index] = worker = new Worker(options);
      return worker.run(job, onEvent);
    },
    async dispose() {
      options.abort?.removeEventListener('abort', interrupt);
      await Promise.all(workers.map(async (worker) => worker?.close()));
    },
  };
}

class Worker {
  readonly #child: ChildProcess;
  #settle: { done(outcome: JobOutcome): void; failed(error: unknown): void; onEvent(event: GridEvent): void } | undefined;
  dead = false;

  constructor(options: PoolOptions) {
    this.#child = fork(options.module, [...options.args], {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Interrupts reach the parent, which passes them on in its own way.
      detached: process.platform !== 'win32',
    });
    this.#child.on('message', (message) => this.#receive(message as FromWorker));
    this.#child.on('error', (error) => this.#fail(error.message));
    this.#child.on('exit', (code, signal) => this.#fail(`the worker process ended (${signal ?? `status ${code}`})`));
  }

  send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message);
  }

  run(job: Job, onEvent: (event: GridEvent) => void): Promise<JobOutcome> {
    return new Promise((resolve, reject) => {
      this.#settle = { done: resolve, failed: reject, onEvent };
      this.send({ type: 'run', job });
    });
  }

  #receive(message: FromWorker): void {
    const settle = this.#settle;
    if (message.type === 'event') settle?.onEvent(message.event);
    if (message.type === 'ready' || message.type === 'event' || settle === undefined) return;
    this.#settle = undefined;
    if (message.type === 'done') settle.done(message.outcome);
    else settle.failed(new JobError(message.error));
  }

  #fail(message: string): void {
    this.dead = true;
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.failed(new JobError({ code: 'EQM_INTERNAL', message, text: new EquimodalError('EQM_INTERNAL', message).format() }));
  }

  async close(): Promise<void> {
    if (this.dead) return;
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.send({ type: 'exit' });
    const forced = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await gone;
    clearTimeout(forced);
  }
}

/** The worker's side: takes jobs from the parent process until told to go, or until the parent is gone. */
export function serveJobs(
  run: (job: Job, onEvent: (event: GridEvent) => void) => Promise<JobOutcome>,
  failure: (error: unknown) => GridFailure,
  interrupt: () => void,
): void {
  const send = (message: FromWorker): void => void process.send?.(message);
  process.on('message', (raw) => {
    const message = raw as ToWorker;
    if (message.type === 'exit') process.exit(0);
    if (message.type === 'interrupt') interrupt();
    if (message.type !== 'run') return;
    run(message.job, (event) => send({ type: 'event', event })).then(
      (outcome) => send({ type: 'done', outcome }),
      (error: unknown) => send({ type: 'failed', error: failure(error) }),
    );
  });
  process.on('disconnect', () => process.exit(1));
  send({ type: 'ready' });
}
