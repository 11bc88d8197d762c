import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { nativeFolder } from '../library/library.js';
import { unlinkNative } from './unlink.js';

const cache = mkdtempSync(join(tmpdir(), 'equimodal-unlink-'));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

it('removes the linked engine, nothing else, and leaves no lock', async () => {
  vi.stubEnv('EQUIMODAL_CACHE', cache);
  mkdirSync(nativeFolder());
  writeFileSync(join(nativeFolder(), 'native.json'), '{}');
  writeFileSync(join(cache, 'other'), '');
  await unlinkNative();
  expect(existsSync(nativeFolder())).toBe(false);
  expect(readdirSync(cache)).toEqual(['other']);
  await unlinkNative();
});
