import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { isDiskFull, writeAtomically } from './atomic.js';

const dir = mkdtempSync(join(tmpdir(), 'equimodal-atomic-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('writes parts one after another, into folders that are not there yet, and replaces', () => {
  const file = join(dir, 'a/b/c.bin');
  writeAtomically(file, ['é', Uint8Array.of(0, 255), 'end']);
  expect(readFileSync(file)).toEqual(Buffer.from([0xc3, 0xa9, 0, 255, 0x65, 0x6e, 0x64]));
  writeAtomically(file, ['new']);
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(readdirSync(join(dir, 'a/b'))).toEqual(['c.bin']);
});

it('keeps the old file, and nothing beside it, when writing fails half-way', () => {
  const file = join(dir, 'kept.txt');
  writeAtomically(file, ['old']);
  const parts = function* () {
    yield 'new';
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  expect(() => writeAtomically(file, parts())).toThrow(expect.objectContaining({ code: 'EQM_DISK_FULL', where: file }));
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readdirSync(dir)).not.toContainEqual(expect.stringContaining('partial'));
});

it('knows a full disk from other errors', () => {
  expect(isDiskFull(Object.assign(new Error(), { code: 'EDQUOT' }))).toBe(true);
  expect(isDiskFull(Object.assign(new Error(), { code: 'EACCES' }))).toBe(false);
  expect(isDiskFull('full')).toBe(false);
});
