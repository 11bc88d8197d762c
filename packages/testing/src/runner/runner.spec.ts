import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { titled } from './node.js';

// Inside the package, so that the built packages resolve.
const dir = join(import.meta.dirname, '..', '..', 'test-output', 'node-runner');
mkdirSync(dir, { recursive: true });
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Runs a file under `node --test`. */
async function nodeTest(name: string, text: string): Promise<{ readonly status: number; readonly output: string }> {
  const file = join(dir, name);
  writeFileSync(file, text);
  const env = { ...process.env, EQUIMODAL_ENGINE: 'cpu' };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', file], { env });
    return { status: 0, output: stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { status: code, output: stdout };
  }
}

const scheduler = (alpha: string): string => `
import { conformance } from '@equimodal/testing';
import { CONTRACT_VERSION, definePiece, definePlugin } from '@equimodal/core';
import { z } from 'zod';

conformance(definePlugin({
  name: 'mine',
  contractVersion: CONTRACT_VERSION,
  provides: [
    definePiece({
      kind: 'alpha-scheduler', id: 'constantly', description: 'The same in every epoch.', facts: {}, options: z.object({}),
      create: () => ({ initial: ${alpha}, update: () => ({ alpha: ${alpha} }) }),
    }),
  ],
}));
`;

describe("the kit under Node's own runner", () => {
  it('passes a right piece', async () => {
    const { status, output } = await nodeTest('right.test.mjs', scheduler('0.5'));
    expect(output).toContain('conformance of mine');
    expect(output).toMatch(/# pass [1-9]/);
    expect([status, /# fail 0/.test(output)]).toEqual([0, true]);
  });

  it('fails a wrong one and says what was expected', async () => {
    const { status, output } = await nodeTest('wrong.test.mjs', scheduler('1.5'));
    expect(status).not.toBe(0);
    expect(output).toContain('expected 1.5 to be less than or equal to 1');
  });
});

describe('titled', () => {
  it('fills in as many values as the name has places for', () => {
    expect(titled('with %i modalities', [3])).toBe('with 3 modalities');
    expect(titled('in %s', ['training', true])).toBe('in training');
    expect(titled('plain', [1])).toBe('plain');
  });
});
