import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { EquimodalError, isOutOfMemory } from '@equimodal/core';
import type { Job, JobOutcome } from '../job/job.js';
import type { OnEvent } from './executor.js';
import { failureOf, JobError, type GridFailure } from './failure.js';
import type { FromWorker, ToWorker } from './messages.js';

export interface WorkerOptions {
  /** Module that runs as a worker (it calls `serveJobs`), and its arguments. */
  readonly module: string;
  readonly args: readonly string[];
  /** Environment of the workers beside the parent's. */
  readonly env: Readonly<Record<string, string>>;
}

interface UnderWay {
  readonly job: Job;
  readonly onEvent: OnEvent;
  done(outcome: JobOutcome): void;
  failed(error: JobError): void;
}

/** How many of its last lines are kept to tell why a process ended. */
const LAST_LINES = 20;
const GRACE_MS = 5000;

/** One process of the pool. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #underWay: UnderWay | undefined;
  /** It ended; another one has to take its place. */
  dead = false;

  constructor({ module, args, env }: WorkerOptions) {
    this.#child = fork(module, [...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C reaches the parent, which passes it on in its own way.
      detached: process.platform !== 'win32',
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) this.#read(stream!);
    this.#child.on('message', (message) => this.#receive(message as FromWorker));
    this.#child.on('error', (error) => this.#end(`the worker process could not be used: ${error.message}`));
    this.#child.on('exit', () => (this.dead = true));
    // After its last lines.
    this.#child.on('close', (status, signal) => this.#end(endOf(status, signal)));
  }

  send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => {}); // One that is gone is told by `close`.
  }

  run(job: Job, onEvent: OnEvent): Promise<JobOutcome> {
    return new Promise((resolve, reject) => {
      this.#lines.length = 0;
      this.#underWay = { job, onEvent, done: resolve, failed: reject };
      this.send({ type: 'run', job });
    });
  }

  #read(stream: Readable): void {
    createInterface({ input: stream }).on('line', (line) => {
      if (this.#lines.push(line) > LAST_LINES) this.#lines.shift();
      if (this.#underWay !== undefined) this.#underWay.onEvent({ type: 'output', job: this.#underWay.job, line });
    });
  }

  #receive(message: FromWorker): void {
    const underWay = this.#underWay;
    if (underWay === undefined) return;
    if (message.type === 'event') {
      underWay.onEvent(message.event);
      return;
    }
    this.#underWay = undefined;
    if (message.type === 'done') underWay.done(message.outcome);
    else underWay.failed(new JobError(message.error));
  }

  #end(how: string): void {
    this.dead = true;
    const underWay = this.#underWay;
    this.#underWay = undefined;
    underWay?.failed(new JobError(deathOf(how, this.#lines)));
  }

  async close(): Promise<void> {
    if (this.dead) return;
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.send({ type: 'exit' });
    const forced = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS);
    await gone;
    clearTimeout(forced);
  }
}

function endOf(status: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL') return 'the worker process was killed (SIGKILL), by somebody or by the system for want of memory';
  return signal === null ? `the worker process ended with status ${status}` : `the worker process was ended by ${signal}`;
}

/** What is told of a run whose process is gone. */
function deathOf(how: string, lines: readonly string[]): GridFailure {
  const last = lines.join('\n');
  const code = isOutOfMemory(last) ? 'EQM_OUT_OF_MEMORY' : 'EQM_RUN_KILLED';
  const said = lines.findLast((line) => /error|fatal/i.test(line)) ?? lines.at(-1);
  const message = said === undefined ? how : `${how}; it said: ${said.trim()}`;
  return { ...failureOf(new EquimodalError(code, message)), stack: `${message}\n${last}`, lost: true };
}
