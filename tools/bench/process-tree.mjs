/** What a process and its descendants use of the machine, and what everybody else does, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { clearInterval, setInterval } from 'node:timers';

/** Linux tells processor time in ticks of 10 ms. */
const TICK_MS = 10;

/**
 * Parent and processor time in ms (its own and that of children it has waited for) from a line of /proc/<pid>/stat.
 * The name in brackets may hold anything, brackets too.
 */
export function parseStat(line) {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), cpuMs: TICK_MS * fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) };
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // it ended meanwhile
  }
}

/** A process and its descendants, pid -> parent and processor time; null where there is no /proc. */
function processTree(root) {
  const all = new Map();
  let entries;
  try {
    entries = readdirSync('/proc');
  } catch {
    return null;
  }
  for (const entry of entries) {
    const line = /^\d+$/.test(entry) ? read(`/proc/${entry}/stat`) : null;
    if (line !== null) all.set(Number(entry), parseStat(line));
  }
  const inTree = (pid) => {
    for (let at = pid; at > 1; at = all.get(at)?.parent ?? 0) if (at === root) return true;
    return false;
  };
  return new Map([...all].filter(([pid]) => inTree(pid)));
}

/**
 * MB resident in a process and its descendants together, null where there is no /proc. Pages that processes share
 * count once for each of them, so the sum is an upper bound.
 */
export function residentMb(root) {
  const tree = processTree(root);
  if (tree === null) return null;
  const kilobytes = (pid) => Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? 0);
  return [...tree.keys()].reduce((sum, pid) => sum + kilobytes(pid), 0) / 1024;
}

/** Samples the resident memory of a process tree until `stop`, which gives the largest sum seen. */
export function watchMemory(root, everyMs = 500) {
  let peak = residentMb(root);
  const timer = setInterval(() => {
    const now = residentMb(root);
    if (now !== null) peak = Math.max(peak, now);
  }, everyMs);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

function processorTime(root) {
  const tree = processTree(root);
  if (tree === null) return null;
  const busy = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  return { at: performance.now(), busy, own: [...tree.values()].reduce((sum, { cpuMs }) => sum + cpuMs, 0) };
}

/**
 * Watches what others use of the processor. `stop` gives the mean number of cores that were busy with anything but
 * this process and its descendants since, null where there is no /proc.
 */
export function watchOthers(root = process.pid) {
  const before = processorTime(root);
  return {
    stop() {
      const after = processorTime(root);
      if (before === null || after === null) return null;
      const others = after.busy - before.busy - (after.own - before.own);
      return Math.max(0, others / (after.at - before.at));
    },
  };
}
