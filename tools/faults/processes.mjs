/** Processes of a runner, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import { parseStat } from '../bench/process-tree.mjs';

const read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it ended meanwhile
  }
};

/** Numbers of the worker processes that a runner started. */
export function workersOf(runner) {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      const stat = read(`/proc/${pid}/stat`);
      return stat !== '' && parseStat(stat).parent === runner && read(`/proc/${pid}/cmdline`).includes('worker.js');
    })
    .map(Number);
}

/** `kill -9`; false when there was nothing left to kill. */
export function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
