import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cacheFiles } from './files.js';

const folder = mkdtempSync(join(tmpdir(), 'equimodal-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('finds the files of all subfolders, with sizes and times', () => {
  mkdirSync(join(folder, 'a', 'b'), { recursive: true });
  writeFileSync(join(folder, 'one'), 'x');
  writeFileSync(join(folder, 'a', 'b', 'two'), 'xyz');
  utimesSync(join(folder, 'one'), 5, 5);
  const found = cacheFiles(folder).sort((x, y) => x.bytes - y.bytes);
  expect(found.map(({ path, bytes }) => [path, bytes])).toEqual([
    [join(folder, 'one'), 1],
    [join(folder, 'a', 'b', 'two'), 3],
  ]);
  expect(found[0]!.used).toBe(5000);
});

it('finds nothing where there is no folder', () => {
  expect(cacheFiles(join(folder, 'none'))).toEqual([]);
});
