import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CACHE_KINDS, cacheUsage, clearCache } from './caches.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'equimodal-caches-'));
  vi.stubEnv('EQUIMODAL_CACHE', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function write(path: string, bytes: number): string {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, Buffer.alloc(bytes));
  return full;
}

it('counts files and bytes of each kind', () => {
  write('media/ab/1.bin', 10);
  write('media/cd/2.bin', 5);
  write('features/x.safetensors', 7);
  write('native/tensorflow/lib.so', 100);
  write('link.lock', 1);
  expect(CACHE_KINDS.map(cacheUsage).map(({ kind, files, bytes }) => [kind, files, bytes])).toEqual([
    ['media', 2, 15],
    ['features', 1, 7],
    ['engine', 1, 100],
  ]);
});

it('is empty where there is no folder', () => {
  expect(cacheUsage('features')).toMatchObject({ folder: join(folder, 'features'), files: 0, bytes: 0 });
});

it.each([
  ['media', 'media/ab/1.bin'],
  ['features', 'features/x.safetensors'],
  ['engine', 'native/native.json'],
] as const)('clears %s and nothing else', async (kind, path) => {
  const paths = [write('media/ab/1.bin', 3), write('features/x.safetensors', 3), write('native/native.json', 3)];
  expect(await clearCache(kind)).toMatchObject({ kind, files: 1, bytes: 3 });
  expect(paths.filter((each) => !existsSync(each))).toEqual([join(folder, path)]);
});
