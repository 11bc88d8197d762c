import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findNative } from '../library/library.js';
import { lastLine, runCommand } from './command.js';
import { linkNative } from './link.js';
import { withLock } from './lock.js';
import { libraryNames } from './wheel.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'equimodal-link-'));
  vi.stubEnv('EQUIMODAL_CACHE', join(folder, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Puts an executable of that name in front of all others. */
function fake(name: string, script: string): void {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
  vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
}

/** A zip file with the layout of a wheel, of empty files. */
function wheelFile(names: readonly string[]): string {
  const file = join(folder, 'tensorflow_cpu-2.21.0-cp311-cp311-linux.whl');
  const script = 'import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as z:\n  for n in sys.argv[2:]: z.writestr(n, b"x")';
  execFileSync('python3', ['-c', script, file, ...names]);
  return file;
}
const { main, framework } = libraryNames();
const layout = [
  `tensorflow/${main}`,
  `tensorflow/${framework}`,
  'tensorflow/include/tensorflow/c/eager/c_api.h',
  'tensorflow/python/big.py',
];
const hasPython = (() => {
  try {
    execFileSync('python3', ['--version']);
    return true;
  } catch {
    return false;
  }
})();
const leftovers = (): string[] => readdirSync(join(folder, 'cache')).filter((name) => name !== 'native');

it('ends a command and its children at the limit', async () => {
  const start = Date.now();
  const result = await runCommand('sh', ['-c', 'echo before; sleep 30'], { timeout: 300 });
  expect(Date.now() - start).toBeLessThan(5000);
  expect(result.ended).toMatch(/took longer/);
  expect(result.stdout).toBe('before\n');
});

it('reports a command that does not exist, and the line that says what failed', async () => {
  expect((await runCommand('no-such-command', [], { timeout: 1000 })).ended).toMatch(/ENOENT/);
  const result = await runCommand('sh', ['-c', 'echo note >&2; echo "x.cc: error: no such type" >&2; echo note >&2; exit 1'], {
    timeout: 5000,
  });
  expect(result.status).toBe(1);
  expect(lastLine(result)).toBe('x.cc: error: no such type');
});

it('lets one process work at a time, and takes over from one that is gone', async () => {
  const file = join(folder, 'lock');
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name}+`);
    await new Promise((resolve) => setTimeout(resolve, 30));
    order.push(`${name}-`);
  };
  await Promise.all([withLock(file, work('a'), { poll: 5 }), withLock(file, work('b'), { poll: 5 })]);
  expect(order.join(' ')).toMatch(/^(a\+ a- b\+ b-|b\+ b- a\+ a-)$/);

  // A process id beyond what the system gives out.
  writeFileSync(file, JSON.stringify({ pid: 2 ** 30, host: hostname() }));
  await withLock(file, work('c'), { poll: 5, timeout: 1000 });
  writeFileSync(file, JSON.stringify({ pid: 1, host: 'elsewhere' }));
  await expect(withLock(file, work('d'), { poll: 5, timeout: 30 })).rejects.toMatchObject({
    code: 'EQM_ENGINE_LINK',
  });
  const old = Date.now() / 1000 - 3600;
  utimesSync(file, old, old);
  await withLock(file, work('e'), { poll: 5, timeout: 1000 });
  expect(existsSync(file)).toBe(false);
});

it('releases the lock when the work fails', async () => {
  const file = join(folder, 'lock');
  await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(file)).toBe(false);
});

it.skipIf(!hasPython)('names the failed step and leaves nothing behind', async () => {
  await expect(linkNative({ from: 'wheel', wheel: join(folder, 'absent.whl') })).rejects.toMatchObject({
    code: 'EQM_ENGINE_LINK',
    message: /unpack: there is no wheel at/,
  });
  await expect(linkNative({ from: 'wheel', wheel: wheelFile(layout.slice(1)) })).rejects.toMatchObject({
    message: new RegExp(`unpack: .*has no tensorflow/${main}`),
  });
  fake('g++', 'echo "binding.cc:1: error: unknown type" >&2; exit 1');
  vi.stubEnv('CXX', '');
  const lines: string[] = [];
  await expect(linkNative({ from: 'wheel', wheel: wheelFile(layout), onProgress: (line) => lines.push(line) })).rejects.toMatchObject({
    message: /compile: g\+\+: binding.cc:1: error: unknown type/,
    problems: [{ where: 'wheel' }],
  });
  expect(lines.some((line) => line.includes('compiling'))).toBe(true);
  // A "compiler" that writes something that is no add-on.
  fake('g++', 'while [ "$1" != "-o" ]; do shift; done; echo nonsense > "$2"');
  await expect(linkNative({ from: 'wheel', wheel: wheelFile(layout) })).rejects.toMatchObject({
    message: /smoke test/,
  });
  expect(leftovers()).toEqual([]);
  expect(existsSync(join(folder, 'cache', 'native'))).toBe(false);
});

it('says so when pip cannot fetch the wheel', async () => {
  fake('python3', 'case "$*" in *download*) echo "ERROR: no network" >&2; exit 1;; *) exit 0;; esac');
  await expect(linkNative({ from: 'wheel' })).rejects.toMatchObject({
    message: /download: pip could not fetch tensorflow-cpu==[\d.]+: ERROR: no network/,
  });
  expect(leftovers()).toEqual([]);
});

it('removes what a killed process left, and finds what is linked already', async () => {
  mkdirSync(join(folder, 'cache', '.link-dead'), { recursive: true });
  await expect(linkNative({ from: 'wheel', wheel: join(folder, 'absent.whl') })).rejects.toThrow();
  expect(leftovers()).toEqual([]);
  vi.unstubAllEnvs();
  const { info } = findNative();
  if (info !== null) expect(await linkNative()).toEqual(info);
});
