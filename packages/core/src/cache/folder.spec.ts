import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cacheFolder } from './folder.js';

it('is where the platform keeps caches', () => {
  expect(cacheFolder({ EQUIMODAL_CACHE: '/a' }, 'linux')).toBe('/a');
  expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux')).toBe('/x/equimodal');
  expect(cacheFolder({}, 'linux')).toBe(join(homedir(), '.cache', 'equimodal'));
  expect(cacheFolder({}, 'darwin')).toBe(join(homedir(), 'Library', 'Caches', 'equimodal'));
  expect(cacheFolder({ LOCALAPPDATA: '/l' }, 'win32')).toBe(join('/l', 'equimodal', 'Cache'));
});
