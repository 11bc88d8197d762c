import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A step that failed in a way we understand: the message is all a user needs. */
export class StepFailed extends Error {
  constructor(message, status = 1) {
    super(message);
    this.name = 'StepFailed';
    this.status = status;
  }
}

/** The user pressed Ctrl-C, or somebody ended us: 130 or 143. */
export class Interrupted extends Error {
  constructor(signal) {
    super(`interrupted by ${signal}`);
    this.name = 'Interrupted';
    this.status = 128 + (constants.signals[signal] || 0);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program and waits for it. A signal never ends us before the program has ended: it is the one that
 * knows how to stop (a run keeps a checkpoint).
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{
 *   env?: Record<string, string>,
 *   inherit?: boolean,
 *   onLine?: (line: string) => void,
 *   ipc?: (message: unknown) => void,
 *   timeoutMs?: number,
 * }} [options] `inherit`: the program has our terminal; otherwise its output is collected, line by line.
 * @returns {Promise<{ status: number, stdout: string, output: string }>} `output` is stdout and stderr, as they came.
 */
export function run(command, args, options = {}) {
  const { env = {}, inherit = false, onLine, ipc, timeoutMs } = options;
  const pipes = inherit ? ['inherit', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ipc === undefined ? pipes : [...pipes, 'ipc'],
      // npm is a script on Windows; everything else we start is node itself.
      shell: process.platform === 'win32' && command === 'npm',
      timeout: timeoutMs,
    });

    let interrupted;
    const forward = (signal) => {
      interrupted = signal;
      // A terminal sends Ctrl-C to the whole group: a second one would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    for (const signal of SIGNALS) process.on(signal, forward);

    const collected = { stdout: '', output: '' };
    const listen = (stream, name) => {
      let rest = '';
      stream?.setEncoding('utf8').on('data', (text) => {
        collected.output += text;
        if (name === 'stdout') collected.stdout += text;
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        for (const line of lines) onLine?.(line);
      });
      stream?.on('end', () => rest !== '' && onLine?.(rest));
    };
    listen(child.stdout, 'stdout');
    listen(child.stderr, 'stderr');
    if (ipc !== undefined) child.on('message', ipc);

    const finish = (settle) => {
      for (const signal of SIGNALS) process.off(signal, forward);
      settle();
    };
    child.on('error', (error) => finish(() => reject(new StepFailed(`cannot start ${command}: ${error.message}`))));
    child.on('close', (code, signal) =>
      finish(() => {
        if (interrupted !== undefined) reject(new Interrupted(interrupted));
        else resolve({ status: code ?? 128 + (constants.signals[signal] || 0), ...collected });
      }),
    );
  });
}

/** Runs a file of ours with this Node. */
export function runNode(file, args, options) {
  return run(process.execPath, [file, ...args], options);
}

/** The last lines of a long output, for an error message. */
export function tail(output, lines = 30) {
  return output.trimEnd().split('\n').slice(-lines).join('\n');
}

/** Runs a command of ours to the end and sets the exit status from it. */
export async function main(body) {
  try {
    process.exitCode = await body();
  } catch (error) {
    if (!(error instanceof StepFailed || error instanceof Interrupted)) throw error;
    if (error instanceof StepFailed) console.error(`\n${error.message}`);
    process.exitCode = error.status;
  }
}
