import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { EquimodalError, messageOf } from '@equimodal/core';
import { errorOf, type Failure } from './failure.js';
import type { BatchMessage, TaskResult } from './worker.js';
import { builtModule, type ReadingPlan, type RowTask } from './work.js';

/** Batches that may be read at once; more wait, so that memory stays bounded however many are asked for. */
const IN_FLIGHT = 4;
/** Threads without work end after so long. */
const IDLE_MS = 10_000;
const MOST_WORKERS = 8;

/**
 * Threads that read rows: EQUIMODAL_DATA_WORKERS, else one where the run was given a number of threads (several runs share the
 * machine), else half of the cores, at most 8.
 */
export function defaultWorkers(env: NodeJS.ProcessEnv = process.env): number {
  const asked = Number(env['EQUIMODAL_DATA_WORKERS'] || NaN);
  if (Number.isInteger(asked) && asked >= 0) return asked;
  if (env['EQUIMODAL_THREADS']) return 1;
  return Math.max(1, Math.min(MOST_WORKERS, Math.floor(availableParallelism() / 2)));
}

/** The values of a row. */
type Row = Float32Array | Int32Array;

interface Batch {
  /** What the threads are sent; the memory comes when they are. */
  readonly order: Omit<BatchMessage, 'memory'>;
  readonly floats: number;
  memory: SharedArrayBuffer | undefined;
  /** Those that are there. */
  readonly rows: Row[];
  missing: number;
  failure: { readonly index: number; readonly failure: Failure } | undefined;
  finish(rows: readonly Row[]): void;
  reject(error: Error): void;
}

/**
 * Threads that share the rows of a batch. What is read does not depend on their number: every row has its own stream, and of
 * several failures the one of the first row is reported. Threads never keep a process alive by themselves.
 */
export class ReadingPool {
  #threads: Worker[] = [];
  readonly #waiting: Batch[] = [];
  readonly #running = new Map<number, Batch>();
  #batches = 0;
  #idle: NodeJS.Timeout | undefined;
  /** Memory of batches that are done. */
  #free: SharedArrayBuffer[] = [];

  static readonly #shared = new Map<number, ReadingPool>();

  constructor(readonly workers: number) {}

  /** The pool of this process with that many threads: splits and datasets share them. */
  static shared(workers: number): ReadingPool {
    let pool = ReadingPool.#shared.get(workers);
    if (pool === undefined) ReadingPool.#shared.set(workers, (pool = new ReadingPool(workers)));
    return pool;
  }

  /** What `join` makes of the values of every task, in order. They are valid as long as it runs: their memory is used again. */
  read<T>(plan: ReadingPlan, tasks: readonly RowTask[], join: (rows: readonly Row[]) => T): Promise<T> {
    if (tasks.length === 0) return Promise.resolve(join([]));
    return new Promise((resolve, reject) => {
      const places: number[] = [];
      let floats = 0;
      for (const { size } of tasks) {
        places.push(floats);
        floats += size;
      }
      const order = { batch: this.#batches++, plan, tasks, places, next: new SharedArrayBuffer(4) };
      const finish = (rows: readonly Row[]): void => {
        try {
          resolve(join(rows));
        } catch (error) {
          reject(error as Error);
        }
      };
      this.#waiting.push({ order, floats, memory: undefined, rows: [], missing: tasks.length, failure: undefined, finish, reject });
      this.#send();
    });
  }

  /** Ends the threads, which must have nothing to do; a later read starts new ones. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const threads = this.#threads;
    this.#threads = [];
    this.#free = [];
    await Promise.all(threads.map((thread) => thread.terminate()));
  }

  #send(): void {
    clearTimeout(this.#idle);
    while (this.#running.size < IN_FLIGHT && this.#waiting.length > 0) {
      const batch = this.#waiting.shift()!;
      this.#running.set(batch.order.batch, batch);
      const memory = (batch.memory = this.#memory(4 * batch.floats));
      while (this.#threads.length < this.workers) this.#threads.push(this.#start());
      for (const thread of this.#threads) {
        thread.ref();
        thread.postMessage({ ...batch.order, memory } satisfies BatchMessage);
      }
    }
    if (this.#running.size > 0) return;
    for (const thread of this.#threads) thread.unref();
    this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref();
  }

  #start(): Worker {
    const thread = new Worker(new URL(builtModule(new URL(sibling('worker'), import.meta.url).href)), { execArgv: [] });
    thread.on('message', (result: TaskResult) => this.#take(result));
    thread.on('error', (error) => this.#ended(thread, messageOf(error)));
    thread.on('exit', (status) => this.#ended(thread, `exit status ${status}`));
    return thread;
  }

  #memory(bytes: number): SharedArrayBuffer {
    const place = this.#free.findIndex(({ byteLength }) => byteLength >= bytes);
    return place < 0 ? new SharedArrayBuffer(bytes) : this.#free.splice(place, 1)[0]!;
  }

  #take({ batch: id, index, values, failure }: TaskResult): void {
    const batch = this.#running.get(id);
    if (batch === undefined) return;
    const { tasks, places } = batch.order;
    if (failure === undefined) batch.rows[index] = values ?? new Float32Array(batch.memory!, 4 * places[index]!, tasks[index]!.size);
    if (failure !== undefined && (batch.failure === undefined || index < batch.failure.index)) batch.failure = { index, failure };
    if (--batch.missing > 0) return;
    this.#running.delete(id);
    if (batch.failure === undefined) batch.finish(batch.rows);
    else batch.reject(errorOf(batch.failure.failure));
    this.#free = [batch.memory!, ...this.#free].slice(0, IN_FLIGHT);
    this.#send();
  }

  /** A thread ended by itself: nobody knows which rows it had taken, so every batch under way has failed. */
  #ended(thread: Worker, why: string): void {
    if (!this.#threads.includes(thread)) return;
    this.#threads = this.#threads.filter((other) => other !== thread);
    const failed = [...this.#running.values()];
    this.#running.clear();
    for (const { order, rows, reject } of failed) {
      const open = order.tasks.filter((_, index) => rows[index] === undefined).flatMap(({ source }) => source.files);
      reject(
        new EquimodalError('EQM_INTERNAL', `a thread that reads files ended (${why}); one of these files was being read`, {
          problems: open.slice(0, 10).map((file) => ({ message: file })),
        }),
      );
    }
    void this.close().then(() => this.#send());
  }
}

const sibling = (name: string): string => `./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`;
