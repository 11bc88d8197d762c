import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'equimodal-graph-';
/** Younger ones may belong to a process of another container, whose number says nothing here. */
const ABANDONED_MS = 60_000;
let swept = false;

/** A folder for the time of a call. The first call of a process removes what killed processes left. */
export function withFolder<T>(use: (folder: string) => T): T {
  mkdirSync(tmpdir(), { recursive: true });
  if (!swept) sweep();
  swept = true;
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes folders whose process is gone and that are a minute old. */
export function sweep(now = Date.now()): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(tmpdir(), name);
    const owner = Number(name.slice(PREFIX.length).split('-')[0]);
    try {
      if (now - statSync(folder).mtimeMs > ABANDONED_MS && !isAlive(owner)) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Gone already, or another user's.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
