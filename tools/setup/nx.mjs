import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runNode } from './process.mjs';

/** No background process, no cloud, no questions, no full-screen view. */
const QUIET = {
  NX_DAEMON: 'false',
  NX_NO_CLOUD: 'true',
  NX_INTERACTIVE: 'false',
  NX_TUI: 'false',
};
/** Where Nx writes what came of each task. */
const RECORD = join(ROOT, '.nx', 'cache', 'run.json');

/**
 * Splits what `--output-style=static` prints into the outputs of the tasks. Their headers come when a task
 * has finished: `> nx run @equimodal/core:lint  [local cache]`.
 */
export class TaskOutputs {
  #current;
  outputs = new Map();

  /** Takes a line; returns the task if the line announces one. */
  take(line) {
    const plain = line.replace(/\u001b\[[0-9;]*m/g, '').trimEnd();
    const header = /^> nx run (\S+)(\s+\[.*cache.*\])?$/.exec(plain);
    if (header !== null) {
      this.#current = [];
      this.outputs.set(header[1], this.#current);
      return { task: header[1], cached: header[2] !== undefined };
    }
    if (/^ NX {3}/.test(plain)) this.#current = undefined;
    else this.#current?.push(line);
    return undefined;
  }
}

function readRecord() {
  try {
    return JSON.parse(readFileSync(RECORD, 'utf8')).tasks ?? [];
  } catch {
    return [];
  }
}

/**
 * Runs targets of all projects, from the cache where nothing changed. One task's failure does not stop the others.
 *
 * @param {readonly string[]} targets
 * @param {{ env?: Record<string, string>, onTask?: (task: { task: string, cached: boolean }) => void }} [options]
 * @returns {Promise<{ status: number, output: string, ran: number, failed: { task: string, output: string }[] }>}
 *   `output` is everything Nx printed, for failures that are not a task's
 */
export async function runMany(targets, { env = {}, onTask } = {}) {
  const folder = join(ROOT, 'node_modules', 'nx');
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (existsSync(RECORD)) rmSync(RECORD);
  const tasks = new TaskOutputs();
  const { status, output } = await runNode(
    join(folder, bin.nx),
    ['run-many', '-t', ...targets, '--output-style=static', '--nxBail=false'],
    {
      env: { ...QUIET, ...env },
      onLine: (line) => {
        const task = tasks.take(line);
        if (task !== undefined) onTask?.(task);
      },
    },
  );
  const record = readRecord();
  const failed = record
    .filter((task) => task.status !== 0)
    .map(({ taskId }) => ({ task: taskId, output: tasks.outputs.get(taskId)?.join('\n').trim() ?? '' }));
  return { status, output, ran: record.length, failed };
}
