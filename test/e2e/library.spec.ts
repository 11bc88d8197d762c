import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { blocksIn, examplesOf } from './support/examples.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Inside the workspace, so that the packages resolve as they do for a user who installed them.
const dir = join(root, 'test', 'test-output', 'library');
mkdirSync(dir, { recursive: true });
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const GUIDE = 'docs/guides/library.md';
const examples = examplesOf(GUIDE);

/** Each example of the guide, and what it prints. */
const PRINTED: [string, RegExp][] = [
  ['library-compare', /^test accuracy 0\.\d+\n[\s\S]*\| lfm-h +\|/],
  ['library-signals', /^mean of ten steps \d\.\d{3}\n[\s\S]*stopped\n$/],
  ['library-piece', /^mine 0\.\d+\n$/],
  ['library-alone', /^loss 1\.3863 \[ 4, 8 \]\naccuracy 0\.5\n$/],
  ['library-predict', /^\[( '[^']+',?){3} \]\n$/],
];

describe('the library guide', () => {
  it('has no example that is not run', () => {
    expect([...examples.keys()]).toEqual(PRINTED.map(([name]) => `${name}.mjs`));
    expect(blocksIn(GUIDE, ['js'])).toBe(PRINTED.length);
  });

  it('trains and compares in less than twenty lines', () => {
    expect(examples.get('library-compare.mjs')!.trim().split('\n').length).toBeLessThan(20);
  });

  it.each(PRINTED)('runs %s', async (name, printed) => {
    const file = join(dir, `${name}.mjs`);
    writeFileSync(file, examples.get(`${name}.mjs`)!);
    // A runner that prints in colour asks its children to, too.
    const { FORCE_COLOR: _, ...env } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: dir, env });
    expect(stdout).toMatch(printed);
  });
});
