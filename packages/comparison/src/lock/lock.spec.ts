import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { takeLock } from './lock.js';
import { isAlive, processId } from './process.js';

const dir = mkdtempSync(join(tmpdir(), 'equimodal-lock-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const what = 'the comparison';

async function gone(): Promise<ReturnType<typeof processId>> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('spawn', resolve));
  const id = processId(child.pid);
  expect(isAlive(id)).toBe(true);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  return id;
}

it('refuses a second owner, and lets the next one in after a release', async () => {
  const path = join(dir, 'one', '.lock');
  const lock = await takeLock(path, { what });
  await expect(takeLock(path, { what })).rejects.toMatchObject({
    code: 'EQM_RUN_LOCKED',
    message: expect.stringContaining(String(process.pid)),
  });
  lock.release();
  const again = await takeLock(path, { what });
  await expect(takeLock(path, { what })).rejects.toMatchObject({ code: 'EQM_RUN_LOCKED' });
  again.release();
  expect(readdirSync(join(dir, 'one'))).toEqual(['.lock.2']);
});

it('takes over from a process that was killed, and from a younger one with its number', async () => {
  const path = join(dir, 'stale.lock');
  writeFileSync(`${path}.7`, JSON.stringify({ ...(await gone()), since: 'before' }));
  const lock = await takeLock(path, { what });
  lock.release();
  writeFileSync(`${path}.9`, JSON.stringify({ ...processId(), started: 'another boot/1', since: 'before' }));
  (await takeLock(path, { what })).release();
});

it('cannot see processes of other machines, and says which file to remove', async () => {
  const path = join(dir, 'far.lock');
  writeFileSync(`${path}.3`, JSON.stringify({ ...processId(), host: `not-${hostname()}`, since: 'before' }));
  await expect(takeLock(path, { what })).rejects.toMatchObject({ code: 'EQM_RUN_LOCKED', fix: expect.stringContaining('far.lock.3') });
});

it('waits for a worker whose runner is gone, and only for that', async () => {
  const path = join(dir, 'orphan.lock');
  const lock = await takeLock(path, { what, runner: await gone() });
  const waiting = takeLock(path, { what });
  setTimeout(() => lock.release(), 150);
  (await waiting).release();
  const other = await takeLock(path, { what, runner: processId() });
  await expect(takeLock(path, { what })).rejects.toMatchObject({ code: 'EQM_RUN_LOCKED' });
  other.release();
  const stuck = await takeLock(path, { what, runner: await gone() });
  await expect(takeLock(path, { what, patience: 100 })).rejects.toMatchObject({ code: 'EQM_RUN_LOCKED' });
  stuck.release();
});
