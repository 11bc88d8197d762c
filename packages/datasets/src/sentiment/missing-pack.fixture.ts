import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomStream, type Dataset, type DatasetContext, type EquimodalError } from '@equimodal/core';
import { afterAll, expect, it } from 'vitest';

/** What a dataset of a pickled pack says before there is one. */
export function describeMissingPack(make: (context: DatasetContext) => Dataset, pack: string): void {
  const root = mkdtempSync(join(tmpdir(), 'equimodal-pack-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const context: DatasetContext = { dataRoot: root, requireDataRoot: () => root, baseDir: root, random: new RandomStream(1, 'pack') };

  it('knows its modalities before any file is read', () => {
    const names = make(context).modalities.map(({ name }) => name);
    expect(names.sort()).toEqual(['audio', 'text', 'video']);
  });

  it('names the pack it looked for', async () => {
    const loading = make(context).load();
    const error = await loading.then(
      () => undefined,
      (reason: unknown) => reason as EquimodalError,
    );
    expect(error?.code).toMatch(/^EQM_DATA_/);
    expect(error?.problems.map(({ message }) => message)).toContain(join(root, pack));
  });
}

/** Packs need no service of a run. */
export const noServices = { resolve: () => expect.unreachable('no service is needed') };
