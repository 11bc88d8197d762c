import { existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sweep, withFolder } from './folder.js';

const folder = (pid: number): string => join(tmpdir(), `equimodal-graph-${pid}-swept`);
const make = (pid: number, secondsAgo: number): string => {
  mkdirSync(folder(pid), { recursive: true });
  const then = Date.now() / 1000 - secondsAgo;
  utimesSync(folder(pid), then, then);
  return folder(pid);
};

it('removes what a killed process left, and nothing that is new or has an owner', () => {
  const { pid: dead } = spawnSync(process.execPath, ['-e', '']);
  const abandoned = make(dead, 120);
  const owned = make(process.pid, 120);
  sweep();
  expect([abandoned, owned].map((path) => existsSync(path))).toEqual([false, true]);
  const young = make(dead, 1);
  sweep();
  expect(existsSync(young)).toBe(true);
  sweep(Date.now() + 120_000);
  expect(existsSync(young)).toBe(false);
  rmSync(owned, { recursive: true });
});

it('gives a folder for the time of a call, also when the call throws', () => {
  const used = withFolder((path) => {
    writeFileSync(join(path, 'file'), 'x');
    return path;
  });
  expect(existsSync(used)).toBe(false);
  let seen = '';
  expect(() =>
    withFolder((path) => {
      seen = path;
      throw new Error('mine');
    }),
  ).toThrow('mine');
  expect(seen).not.toBe('');
  expect(existsSync(seen)).toBe(false);
});
