import { join } from 'node:path';
import type { LoadedDataset } from '@equimodal/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { put, putArray, putFrames } from '../clips/miniature.fixture.js';
import { coded, contextOf, survives, temporaryFolder } from '../data-root.fixture.js';
import { damaged, encodeNpy } from '../readers/encode.fixture.js';
import { iemocap, iemocapOptions } from './iemocap.js';
import { parseIemocapList } from './list.js';

const load = (root: string, options: object = {}): Promise<LoadedDataset> =>
  iemocap
    .create(iemocapOptions.parse({ visual: { size: 16 }, workers: 0, ...options }), contextOf(root), {
      resolve: () => expect.unreachable(),
    })
    .load();
const parse = (text: string) => parseIemocapList(new TextEncoder().encode(text), 'list');

const ROWS = {
  train: [
    ['Ses01F_impro01_F000', 'Excuse me.', 'Neutral'],
    ['Ses01F_impro01_M001', 'Yeah, [LAUGHTER]', 'Happy'],
    ['Ses02M_script02_F003', 'No.', 'Angry'],
  ],
  test: [['Ses01M_impro03_F002', "I don't know", 'Angry']],
} as const;
const list = (rows: readonly (readonly string[])[]): string =>
  rows.map(([clip, said, label]) => `${clip!}.mp4 [split|sign] ${said!} [split|sign] ${label!}\n`).join('');

async function writeIemocap(root: string): Promise<void> {
  for (const [split, rows] of Object.entries(ROWS)) {
    for (const [i, [clip]] of rows.entries()) {
      putArray(root, `audio/${split}_fbank/${clip}.npy`, [12, 4], i);
      await putFrames(
        root,
        [1, 2, 3].map((frame) => `visual/${split}_imgs/${clip}/${frame}.jpg`),
        [50, 60, 70],
      );
      const ids = new BigInt64Array([101n, BigInt(i), 0n, 0n, 0n]);
      put(root, `text_token/${split}_token/${clip}_token.npy`, encodeNpy('<i8', [1, 5], new Uint8Array(ids.buffer)));
    }
    put(root, `data/my_${split}_iemo.txt`, list(rows));
  }
}

describe('iemocap', () => {
  const data = temporaryFolder();
  beforeAll(() => writeIemocap(join(data, 'IEMOCAP')));

  it('opens the folder: stored mel bands, faces and tokens', async () => {
    const loaded = await load(data);
    expect(loaded.classes).toEqual(['Angry', 'Happy', 'Neutral']);
    expect(loaded.modalities).toMatchObject([
      { name: 'audio', kind: 'spectrogram', shape: [12, 4, 1] },
      { name: 'visual', kind: 'image', shape: [16, 16, 3] },
      { name: 'text', kind: 'tokens', shape: [5] },
    ]);
    expect(loaded.splits.train.groups).toEqual(['Ses01-F', 'Ses01-M', 'Ses02-F']);
    expect(loaded.notes).toContain('1 of the 1 speakers of test occur in train as well');
    const { text, audio } = await loaded.splits.train.read(Int32Array.from([2, 1]));
    expect(text).toEqual(Int32Array.from([101, 2, 0, 0, 0, 101, 1, 0, 0, 0]));
    expect(audio![0]).toBe(2);
    expect((await load(data, { modalities: ['text'] })).modalities).toHaveLength(1);
  });

  it('refuses ids that are none', async () => {
    const root = temporaryFolder();
    await writeIemocap(root);
    const file = putArray(root, 'text_token/train_token/Ses01F_impro01_M001_token.npy', [5], 0.5);
    const { splits } = await load(root, { modalities: ['text'] });
    const error = await coded(() => splits.train.read(Int32Array.from([1])));
    expect([error.code, error.where]).toEqual(['EQM_DATA_MALFORMED', `${file}, element 0`]);
  });

  it('says what is missing', async () => {
    const root = temporaryFolder();
    expect((await coded(() => load(root))).problems[0]!.message).toBe(join(root, 'data/my_train_iemo.txt'));
    for (const [split, rows] of Object.entries(ROWS)) put(root, `data/my_${split}_iemo.txt`, list(rows));
    const error = await coded(() => load(root, { modalities: ['text'] }));
    expect([error.code, error.problems[0]!.message]).toEqual(['EQM_DATA_MISSING', join(root, 'text_token/train_token')]);
  });
});

describe('lists of iemocap', () => {
  it.each(['a.mp4 Neutral', 'a.mp4 [split|sign] words', '../a.mp4 [split|sign] x [split|sign] Sad', ''])('refuse %j', async (text) => {
    expect((await coded(() => parse(text))).code).toBe('EQM_DATA_MALFORMED');
  });

  it('survive damage', () => {
    fc.assert(fc.property(damaged(new TextEncoder().encode(list(ROWS.train))), (bytes) => survives(() => parseIemocapList(bytes, 'list'))));
  });
});
