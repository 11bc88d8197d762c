import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedDataset } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { coded, contextOf, realData, temporaryFolder } from '../data-root.fixture.js';
import { mosi, mosiOptions } from './mosi.js';

const load = (options: object, root?: string): Promise<LoadedDataset> =>
  mosi.create(mosiOptions.parse(options), contextOf(root), { resolve: () => expect.unreachable() }).load();

/** Ten training utterances of five videos, sorted by label as the real files are, and two of test. */
function writeRoot(root: string, transcripts = true): void {
  for (const name of ['text', 'audio', 'video']) {
    mkdirSync(join(root, 'mosi', name), { recursive: true });
    const table = (rows: number): string =>
      Array.from({ length: rows }, (_, i) => `"${i}.5","${i * i}","${i < rows / 2 ? 1 : 0}"`).join('\n');
    writeFileSync(join(root, 'mosi', name, `${name}_train0.csv`), `${table(10)}\n`);
    writeFileSync(join(root, 'mosi', name, `${name}_test0.csv`), `${table(2)}\n`);
  }
  if (!transcripts) return;
  const lines = Array.from({ length: 10 }, (_, i) => `"v_${i % 5}_${i}","SAID, ""SO""","${i}","${i % 2}"`);
  writeFileSync(join(root, 'mosi/transcripts.csv'), [...lines, '"w_1","TEST","93","1"'].join('\n'));
}

describe('mosi from csv files', () => {
  it('reads the modalities and carves validation by video', async () => {
    const root = temporaryFolder();
    writeRoot(root);
    const data = await load({ validation: 0.2 }, root);
    expect(data.modalities.map(({ name, shape }) => [name, shape])).toEqual([
      ['text', [2]],
      ['audio', [2]],
      ['video', [2]],
    ]);
    expect([data.splits.train.size, data.splits.validation?.size, data.splits.test.size]).toEqual([8, 2, 2]);
    expect(data.classes).toEqual(['negative', 'non-negative']);
    expect(data.notes?.[0]).toContain('leak');
    expect((await load({ validation: 'none', modalities: ['text'] }, root)).splits.validation).toBeUndefined();
  });

  it('says when videos cannot be kept apart', async () => {
    const root = temporaryFolder();
    writeRoot(root, false);
    expect((await load({}, root)).notes?.join()).toContain('videos are on both sides');
  });

  it('refuses what the files do not hold', async () => {
    expect(() => mosiOptions.parse({ labels: 'seven' })).toThrow('binary label only');
    expect(() => mosiOptions.parse({ dropZero: true })).toThrow('binary label only');
    expect((await coded(() => load({}))).code).toBe('EQM_DATA_ROOT');
    expect((await coded(() => load({}, temporaryFolder()))).code).toBe('EQM_DATA_MISSING');
  });
});

describe.skipIf(realData === undefined)('mosi on the real files (needs EQUIMODAL_DATA)', () => {
  it('has 1447 and 752 rows of 100, 73 and 100 features', async () => {
    const data = await load({}, realData);
    expect(data.splits.train.size + data.splits.validation!.size).toBe(1447);
    expect(data.splits.test.size).toBe(752);
    expect(data.modalities.map(({ shape }) => shape)).toEqual([[100], [73], [100]]);
  }, 15_000);
});
