import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, so that another one that gets its number later is not taken for it. */
export interface ProcessId {
  readonly host: string;
  readonly pid: number;
  /** When it started, in words of the operating system; null where that is not told. */
  readonly started: string | null;
}

/** This process, or another one of this machine. */
export function processId(pid = process.pid): ProcessId {
  return { host: hostname(), pid, started: startOf(pid) ?? null };
}

/**
 * Whether a process of this machine still runs. One that ended and was not waited for counts as ended, and so does one whose number
 * belongs to a younger process. Processes of other machines cannot be seen: they count as running.
 */
export function isAlive({ host, pid, started }: ProcessId): boolean {
  if (host !== hostname()) return true;
  const now = startOf(pid);
  if (now === undefined) return false;
  return now === null || started === null || now === started;
}

/** Undefined: there is no such process. Null: there is one, and the system does not say since when. */
function startOf(pid: number): string | null | undefined {
  if (process.platform === 'linux') return startOnLinux(pid);
  if (!exists(pid)) return undefined;
  if (process.platform === 'win32') return null;
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 5000 }).trim() || undefined;
  } catch {
    return null;
  }
}

/** Boot and clock ticks since it, from /proc (proc_pid_stat(5), fields 3 and 22). */
function startOnLinux(pid: number): string | null | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return exists(pid) ? null : undefined;
  }
  // The name in brackets may hold anything, brackets too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return `${bootId()}/${fields[19]}`;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
