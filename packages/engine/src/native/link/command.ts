import { spawn } from 'node:child_process';
import { EquimodalError } from '@equimodal/core';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds after which the command and its children are killed. */
  readonly timeout: number;
  /** Asked every five seconds; true kills the command (a download that stands still). */
  readonly stalled?: () => boolean;
}

/** What a finished command said. */
export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it was ended or could not be started, if so. */
  readonly ended: string | null;
}

const KEEP = 64_000;

/** Runs a command without a shell; never rejects, never outlives its timeout. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return new Promise((settle) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    let stdout = '';
    let stderr = '';
    let ended: string | null = null;
    child.stdout.on('data', (chunk: Buffer) => (stdout = (stdout + chunk.toString()).slice(-KEEP)));
    child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-KEEP)));

    const kill = (why: string): void => {
      ended ??= why;
      try {
        // The whole process group: a compiler driver has children.
        if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL');
        else child.kill('SIGKILL');
      } catch {
        // It has ended in the meantime.
      }
    };
    const onExit = (): void => kill('interrupted');
    process.once('exit', onExit);
    const limit = setTimeout(() => kill(`took longer than ${Math.round(options.timeout / 1000)} s`), options.timeout);
    const watch = setInterval(() => {
      if (options.stalled?.()) kill('made no progress');
    }, 5000);
    const done = (status: number | null): void => {
      clearTimeout(limit);
      clearInterval(watch);
      process.off('exit', onExit);
      settle({ status, stdout, stderr, ended });
    };
    child.on('error', (error) => {
      ended ??= error.message;
      done(null);
    });
    child.on('close', (status) => done(status));
  });
}

/** The last line of a command's output that says something. */
export function lastLine(result: CommandResult): string {
  if (result.ended !== null) return result.ended;
  const lines = `${result.stdout}\n${result.stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('at '));
  const error = lines.findLast((line) => /error:/i.test(line)) ?? lines.findLast((line) => /error/i.test(line));
  return (error ?? lines.at(-1) ?? `exit status ${result.status}`).slice(0, 400);
}

/** One step of linking has failed. */
export function linkError(step: string, what: string, fix?: string): EquimodalError {
  return new EquimodalError('EQM_ENGINE_LINK', `${step}: ${what}`, {
    where: step,
    ...(fix === undefined ? {} : { fix }),
  });
}
