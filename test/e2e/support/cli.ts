import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built command, as a user runs it. */
export const CLI = fileURLToPath(new URL('../../../packages/cli/bin/equimodal.js', import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own, removed by `done`. */
export function workFolder(): { readonly dir: string; write(name: string, content: string | Uint8Array): string; done(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'equimodal-e2e-'));
  return {
    dir,
    write(name, content) {
      const file = join(dir, name);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    done: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Starts the command. */
export function start(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly finished: Promise<Finished>; output(): string } {
  const { NO_COLOR: _1, FORCE_COLOR: _2, ...inherited } = process.env;
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const finished = new Promise<Finished>((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
  return { child, finished, output: () => stdout + stderr };
}

/** Runs the command to its end. */
export function equimodal(args: readonly string[], cwd: string, env?: Readonly<Record<string, string>>): Promise<Finished> {
  return start(args, cwd, env).finished;
}

/** Waits until a condition holds. */
export async function until(condition: () => boolean, seconds = 120): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('waited too long');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A small experiment that trains in a second or two. */
export const SMALL = `
dataset: { use: synthetic-av, train: 200, validation: 60, test: 60 }
encoders:
  default: { use: mlp, hidden: [16], features: 8 }
training: { epochs: 3, batchSize: 32 }
seeds: [0, 1]
recipes: [unimodal, concat, lfm-h]
reference: concat
`;
