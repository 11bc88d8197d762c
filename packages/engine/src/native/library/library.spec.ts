import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findLinked, NAPI, type Manifest } from './library.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'equimodal-library-'));
  vi.stubEnv('EQUIMODAL_CACHE', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const tfjs = { folder: '/nowhere', version: '4.22.0' };
const manifest: Manifest = {
  format: 2,
  origin: 'linked',
  tensorflow: '2.21.0',
  addon: 'tfjs_binding.node',
  library: join('tensorflow', 'library'),
  libraryBytes: 3,
  tfjs: '4.22.0',
  napi: NAPI,
  node: { platform: process.platform, arch: process.arch },
};
function write(changes: Partial<Manifest> = {}): void {
  const native = join(folder, 'native');
  mkdirSync(join(native, 'tensorflow'), { recursive: true });
  writeFileSync(join(native, 'tfjs_binding.node'), '');
  writeFileSync(join(native, 'tensorflow', 'library'), 'abc');
  writeFileSync(join(native, 'native.json'), JSON.stringify({ ...manifest, ...changes }));
}

it('finds a link that fits', () => {
  write();
  expect(findLinked(tfjs).info).toEqual({
    origin: 'linked',
    tensorflow: '2.21.0',
    addon: join(folder, 'native', 'tfjs_binding.node'),
  });
});

it.each([
  ['another tfjs', { tfjs: '4.0.0' }, /linked for tfjs 4.0.0/],
  ['another N-API', { napi: 3 }, /linked for tfjs/],
  ['another platform', { node: { platform: 'aix', arch: 'ppc' } }, /linked for aix ppc/],
  ['a library that is gone', { library: 'gone' }, /missing/],
  ['a library that has changed', { libraryBytes: 4 }, /has changed/],
] as [string, Partial<Manifest>, RegExp][])('refuses %s, and says how to link', (_name, changes, reason) => {
  write(changes);
  const found = findLinked(tfjs);
  expect(found.info).toBeNull();
  expect(found.reason).toMatch(reason);
  expect(found.reason).toContain('equimodal engine link');
});

it('refuses a manifest that cannot be read, and an empty cache', () => {
  expect(findLinked(tfjs).reason).toMatch(/no native library is linked/);
  write();
  writeFileSync(join(folder, 'native', 'native.json'), '{"format":1');
  expect(findLinked(tfjs).reason).toMatch(/not readable/);
});
