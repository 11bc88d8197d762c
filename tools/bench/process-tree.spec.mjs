import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parseStat, residentMb, watchMemory, watchOthers } from './process-tree.mjs';

/** A process that starts a child; both touch so many MB, then the child says so. */
async function family(mb) {
  const hold = `globalThis.held = Buffer.alloc(${mb} * 2 ** 20, 1);`;
  const parent = `${hold} const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', ${JSON.stringify(`${hold} console.log('ready'); setInterval(() => {}, 1000)`)}]);
    child.stdout.pipe(process.stdout); process.on('SIGTERM', () => { child.kill(); process.exit() })`;
  const started = spawn(process.execPath, ['-e', parent]);
  await once(started.stdout, 'data');
  return started;
}

it('reads parent and processor time, whatever the name of the process', () => {
  // proc(5): pid (comm) state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime cutime cstime ...
  const line = '42 (a) R (b) S 7 42 42 0 -1 4194304 1 2 3 4 100 20 3 1 20 0 11 0 5000 1000 200';
  expect(parseStat(line)).toEqual({ parent: 7, cpuMs: 1240 });
});

describe.skipIf(process.platform !== 'linux')('on Linux', () => {
  it('adds up the memory of a process and its descendants, and keeps the largest sum', async () => {
    const started = await family(100);
    const watched = watchMemory(started.pid, 10);
    expect(residentMb(started.pid)).toBeGreaterThan(200);
    started.kill();
    await once(started, 'exit');
    expect(residentMb(started.pid)).toBe(0);
    const peak = watched.stop();
    expect(peak).toBeGreaterThan(200);
    expect(peak).toBeLessThan(500);
  });

  it('tells the work of others from that of the tree it watches', async () => {
    const spinning = spawn(process.execPath, ['-e', 'console.log(1); for (;;);']);
    await once(spinning.stdout, 'data');
    const idle = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)']);
    await once(idle.stdout, 'data');
    const [whole, part] = [watchOthers(spinning.pid), watchOthers(idle.pid)];
    await wait(1000);
    const [withoutSpinning, withSpinning] = [whole.stop(), part.stop()];
    for (const child of [spinning, idle]) child.kill();
    // The same second, with and without the process that spins; other work on the machine is in both, and slows it down.
    expect(withSpinning - withoutSpinning).toBeGreaterThan(0.1);
    expect(withSpinning - withoutSpinning).toBeLessThan(1.1);
  });
});
