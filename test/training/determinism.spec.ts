import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Engine } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { numbersOf, ROWS, type RowName } from './determinism.rows.js';

const CHILD = fileURLToPath(new URL('./determinism.child.mjs', import.meta.url));

let engine: Engine;
beforeAll(async () => {
  engine = await startTestEngine();
});

/** The same run in another process. */
async function inAnotherProcess(row: RowName): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, row], {
    env: { ...process.env, EQUIMODAL_ENGINE: engine.id },
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as unknown;
}

describe('same seed, same engine, same machine: every number of 200 steps is the same to the last bit', () => {
  const rows = Object.keys(ROWS) as RowName[];
  describe.each(rows)('%s', (row) => {
    let first: Awaited<ReturnType<typeof numbersOf>>;
    beforeAll(async () => {
      first = await numbersOf(engine, row);
    });

    it('trains in earnest', () => {
      expect(first.steps).toHaveLength(200);
      expect(new Set(first.steps.map(({ total }) => total)).size).toBeGreaterThan(190);
      const { alphas } = first;
      if (row.includes('alpha')) expect(new Set(alphas.map(({ alpha }) => alpha)).size).toBeGreaterThan(5);
    });

    it('twice in this process', async () => {
      expect(await numbersOf(engine, row)).toEqual(first);
    });

    // Starting a process takes as long as both runs: one row will do.
    it.runIf(row === rows[0])('in another process', async () => {
      expect(await inAnotherProcess(row)).toEqual(first);
    });
  });
});
