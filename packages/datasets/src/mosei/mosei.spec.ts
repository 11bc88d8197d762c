import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomStream, type DatasetContext, type EquimodalError } from '@equimodal/core';
import { afterAll, expect, it } from 'vitest';
import { mosei, moseiOptions } from './mosei.js';

const root = mkdtempSync(join(tmpdir(), 'equimodal-mosei-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const context: DatasetContext = { dataRoot: root, requireDataRoot: () => root, baseDir: root, random: new RandomStream(1, 'mosei') };
const make = (options: object) =>
  mosei.create(moseiOptions.parse(options), context, { resolve: () => expect.unreachable('no service is needed') });

it('knows its modalities before any file is read', () => {
  expect(
    make({})
      .modalities.map(({ name }) => name)
      .sort(),
  ).toEqual(['audio', 'text', 'video']);
});

it('names the pack it looked for', async () => {
  const error = await make({})
    .load()
    .then(
      () => undefined,
      (reason: unknown) => reason as EquimodalError,
    );
  expect(error?.code).toMatch(/^EQM_DATA_/);
  expect(error?.problems.map(({ message }) => message)).toContain(join(root, 'mosei/aligned_50.pkl'));
});
