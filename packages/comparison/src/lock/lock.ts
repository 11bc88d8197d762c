import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { diskFull, EquimodalError, isDiskFull, writeAtomically } from '@equimodal/core';
import { isAlive, processId, type ProcessId } from './process.js';

/** Who holds a lock. */
export interface LockOwner extends ProcessId {
  /** When it took the lock. */
  readonly since: string;
  /** The process it works for, if it is not its own: a worker whose runner is gone ends soon. */
  readonly runner?: ProcessId;
  readonly released?: true;
}

export interface LockOptions {
  /** The process that this one works for. */
  readonly runner?: ProcessId | undefined;
  /** What is locked, for messages: `the comparison`. */
  readonly what: string;
  /** How long to wait, in milliseconds, for an owner whose runner is gone. Default: a minute. */
  readonly patience?: number;
}

export interface Lock {
  release(): void;
}

/**
 * Takes a lock, which is held as long as its process runs: a lock whose process was killed is free, at once and without a time limit.
 *
 * The lock is the file `<path>.<n>` with the largest n; whoever finds its owner gone, or the lock released, makes the file with n + 1,
 * complete and only if there is none (a hard link), so that of several one wins. The last file stays behind after a release: were it
 * removed, one who had looked before and one who looks afterwards would make two different files.
 *
 * @throws EQM_RUN_LOCKED naming the process that holds it.
 */
export async function takeLock(path: string, options: LockOptions): Promise<Lock> {
  const end = performance.now() + (options.patience ?? 60_000);
  for (;;) {
    const owner = tryLock(path, options.runner);
    if (!('pid' in owner)) return owner;
    const orphan = owner.runner !== undefined && !isAlive(owner.runner);
    if (!orphan || performance.now() > end) throw lockedError(path, owner, options.what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The lock, or who has it. */
function tryLock(path: string, runner: ProcessId | undefined): Lock | LockOwner {
  mkdirSync(dirname(path), { recursive: true });
  for (;;) {
    const last = generations(path).at(-1) ?? 0;
    if (last > 0) {
      const owner = ownerOf(fileOf(path, last));
      if (owner !== undefined && owner.released !== true && isAlive(owner)) return owner;
    }
    const mine: LockOwner = { ...processId(), since: new Date().toISOString(), ...(runner === undefined ? {} : { runner }) };
    const next = last + 1;
    if (!create(fileOf(path, next), mine)) continue;
    const all = generations(path);
    if (all.at(-1)! > next) {
      // Others went on meanwhile.
      rmSync(fileOf(path, next), { force: true });
      continue;
    }
    for (const old of all) if (old < next) rmSync(fileOf(path, old), { force: true });
    return { release: () => release(fileOf(path, next), mine) };
  }
}

const fileOf = (path: string, generation: number): string => `${path}.${generation}`;

function generations(path: string): number[] {
  const head = `${basename(path)}.`;
  return readdirSync(dirname(path))
    .flatMap((name) => (name.startsWith(head) && /^\d+$/.test(name.slice(head.length)) ? [Number(name.slice(head.length))] : []))
    .sort((a, b) => a - b);
}

/** Undefined where the file vanished or says nothing: its owner did not finish, and holds nothing. */
function ownerOf(file: string): LockOwner | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LockOwner;
  } catch {
    return undefined;
  }
}

/** False when the file is there already. It appears with all of its content. */
function create(file: string, owner: LockOwner): boolean {
  const beside = join(dirname(file), `.${randomUUID()}.partial`);
  try {
    writeFileSync(beside, JSON.stringify(owner), { flag: 'wx' });
    linkSync(beside, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    if (isDiskFull(error)) throw diskFull(file, error);
    throw error;
  } finally {
    rmSync(beside, { force: true });
  }
}

function release(file: string, mine: LockOwner): void {
  try {
    writeAtomically(file, [JSON.stringify({ ...mine, released: true })]);
  } catch {
    // Without space, say: the lock ends with the process.
  }
}

function lockedError(path: string, owner: LockOwner, what: string): EquimodalError {
  const place = owner.host === processId().host ? '' : ` on ${owner.host}`;
  return new EquimodalError('EQM_RUN_LOCKED', `process ${owner.pid}${place} works on ${what} since ${owner.since}`, {
    where: dirname(path),
    ...(place === '' ? {} : { fix: `If that process is gone, remove ${fileOf(path, generations(path).at(-1) ?? 1)}.` }),
  });
}
