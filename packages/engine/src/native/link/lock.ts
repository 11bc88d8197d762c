import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { linkError } from './command.js';

/** A lock nobody has released for that long belongs to a process that is gone. */
const STALE = 45 * 60_000;

function isStale(file: string): boolean {
  try {
    if (Date.now() - statSync(file).mtimeMs > STALE) return true;
    const { pid, host } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; host: string };
    if (host !== hostname()) return false;
    try {
      process.kill(pid, 0);
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ESRCH';
    }
  } catch {
    // Gone, or being written just now: the next attempt to create it will tell.
    return false;
  }
}

/**
 * Runs `work` while holding the lock file, so that two processes never link at once. Waits for the
 * other one, and takes a lock over when its process is gone.
 *
 * @throws EquimodalError EQM_ENGINE_LINK when the lock stays taken for `timeout` milliseconds.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  options: { readonly onWait?: () => void; readonly timeout?: number; readonly poll?: number } = {},
): Promise<T> {
  const until = Date.now() + (options.timeout ?? STALE);
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; ;) {
    try {
      writeFileSync(file, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (isStale(file)) {
      rmSync(file, { force: true });
      continue;
    }
    if (Date.now() > until) {
      throw linkError('lock', `another process is linking (${file})`, 'Wait for it, or remove the file if no such process runs.');
    }
    if (!told) options.onWait?.();
    told = true;
    await sleep(options.poll ?? 500);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
