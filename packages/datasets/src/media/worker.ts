import { parentPort } from 'node:worker_threads';
import { failureOf, type Failure } from './failure.js';
import { RowReader, type ReadingPlan, type RowTask } from './work.js';

/** What a thread is sent: rows that it shares with the other threads. */
export interface BatchMessage {
  readonly batch: number;
  readonly plan: ReadingPlan;
  readonly tasks: readonly RowTask[];
  /** One int32: the next task that nobody has taken. */
  readonly next: SharedArrayBuffer;
  /** Room for the floats of all tasks, and where those of each begin. */
  readonly memory: SharedArrayBuffer;
  readonly places: readonly number[];
}

/** What it answers, a task at a time. */
export interface TaskResult {
  readonly batch: number;
  readonly index: number;
  /** What does not lie in the shared memory: other types than floats, or another length. */
  readonly values?: Float32Array | Int32Array;
  readonly failure?: Failure;
}

const readers = new Map<number, Promise<RowReader>>();

async function readTask({ batch, plan, tasks, memory, places }: BatchMessage, index: number): Promise<TaskResult> {
  const task = tasks[index]!;
  const out = new Float32Array(memory, 4 * places[index]!, task.size);
  try {
    let reader = readers.get(plan.id);
    if (reader === undefined) readers.set(plan.id, (reader = RowReader.open(plan)));
    const values = await (await reader).read(task, () => out);
    if (values instanceof Int32Array || values.length !== out.length) return { batch, index, values };
    if (values.buffer !== memory) out.set(values);
    return { batch, index };
  } catch (error) {
    return { batch, index, failure: failureOf(error, task.source.files) };
  }
}

/** Rows under way at once: while the pixels of one are decoded by a thread of libuv, this one works at another. */
const LANES = 2;

async function readBatch(message: BatchMessage): Promise<void> {
  await Promise.all(Array.from({ length: LANES }, () => readRows(message)));
}

async function readRows(message: BatchMessage): Promise<void> {
  const next = new Int32Array(message.next);
  for (let index = Atomics.add(next, 0, 1); index < message.tasks.length; index = Atomics.add(next, 0, 1)) {
    const result = await readTask(message, index);
    parentPort!.postMessage(result, result.values === undefined ? [] : [result.values.buffer as ArrayBuffer]);
  }
}

let queue: Promise<void> = Promise.resolve();
parentPort?.on('message', (message: BatchMessage) => {
  queue = queue.then(() => readBatch(message));
});
