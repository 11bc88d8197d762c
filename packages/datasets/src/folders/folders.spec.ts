import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedDataset } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { coded, contextOf, temporaryFolder } from '../data-root.fixture.js';
import { bitmap, encodeNpy, encodeWav, pcm16 } from '../readers/encode.fixture.js';
import { folders } from './folders.js';
import { foldersOptions } from './options.js';

const MODALITIES = {
  face: { kind: 'image', size: 8, augment: false },
  clip: { kind: 'video', size: 8, frames: 2, augment: true },
  voice: { kind: 'spectrogram', rate: 8000, seconds: 0.1, nFft: 64, hop: 32 },
  pose: { kind: 'vector', size: 2 },
  words: { kind: 'tokens', length: 4 },
};
const load = (options: object, root?: string): Promise<LoadedDataset> =>
  folders
    .create(foldersOptions.parse({ workers: 0, modalities: MODALITIES, ...options }), contextOf(root), {
      resolve: () => expect.unreachable(),
    })
    .load();

function writeRoot(splits: readonly string[] = ['train', 'test'], rows = 3): string {
  const root = temporaryFolder();
  for (const split of splits) {
    for (const [label, name] of ['no', 'yes'].entries()) {
      const write = (path: string, content: Uint8Array | string): void => {
        const file = join(root, split, name, path);
        mkdirSync(join(file, '..'), { recursive: true });
        writeFileSync(file, content);
      };
      for (let i = 0; i < rows; i++) {
        write(`face/r${i}.bmp`, bitmap(8, 100 * label + i));
        for (const frame of [1, 2, 10]) write(`clip/r${i}/f${frame}.bmp`, bitmap(8, frame));
        write(`voice/r${i}.wav`, encodeWav(pcm16(Array.from({ length: 900 }, (_, t) => 1000 * Math.sin(t)))));
        write(`pose/r${i}.npy`, encodeNpy('<f4', [2], new Uint8Array(Float32Array.from([label, i]).buffer)));
        write(`words/r${i}.txt`, split === 'train' ? `${name} it is` : 'what it is');
      }
    }
  }
  return root;
}

describe('folders', () => {
  it('knows its modalities before reading', () => {
    const { modalities } = folders.create(foldersOptions.parse({ modalities: MODALITIES }), contextOf(), {
      resolve: () => expect.unreachable(),
    });
    expect(modalities.map(({ name, kind }) => `${name}: ${kind}`)).toEqual([
      'face: image',
      'clip: video',
      'voice: spectrogram',
      'pose: vector',
      'words: tokens',
    ]);
  });

  it('reads rows of every kind', async () => {
    const data = await load({}, writeRoot());
    expect(data.classes).toEqual(['no', 'yes']);
    expect(data.modalities.map(({ shape }) => shape)).toEqual([[8, 8, 3], [2, 8, 8, 3], [33, 26, 1], [2], [4]]);
    expect([...data.splits.train.labels]).toEqual([0, 0, 0, 1, 1, 1]);
    const batch = await data.splits.train.read(Int32Array.from([4]));
    expect(Math.round((batch['face']![0]! * 0.229 + 0.485) * 255)).toBe(101);
    expect(batch['pose']).toEqual(Float32Array.from([1, 1]));
    expect(batch['clip']).toHaveLength(2 * 8 * 8 * 3);
    // it 2, is 3, no 4, yes 5
    expect(batch['words']).toEqual(Int32Array.from([5, 2, 3, 0]));
    expect((await data.splits.test.read(Int32Array.from([0])))['words']).toEqual(Int32Array.from([1, 2, 3, 0]));
    expect(data.notes).toEqual(['train: 6 rows', 'test: 6 rows', '6 ids of words in "words", from training rows']);
  });

  it('takes a validation folder, or carves', async () => {
    const given = await load({}, writeRoot(['train', 'val', 'test']));
    expect(given.splits.validation?.size).toBe(6);
    const carved = await load({ validation: 0.34 }, writeRoot());
    expect([carved.splits.train.size, carved.splits.validation?.size]).toEqual([4, 2]);
  });

  it('counts rows that lack a modality, or refuses them', async () => {
    const root = writeRoot();
    rmSync(join(root, 'train/yes/voice/r1.wav'));
    rmSync(join(root, 'train/no/clip/r0'), { recursive: true });
    const data = await load({}, root);
    expect(data.splits.train.size).toBe(4);
    expect(data.notes).toContain('train: 1 rows dropped or incomplete: there is no "voice"');
    const error = await coded(() => load({ incomplete: 'error' }, root));
    expect(error.message).toContain('row "r0" has no clip');
    expect(error.where).toContain(join('train', 'no'));
  });

  it('refuses what it cannot tell apart, and names the file', async () => {
    const twice = writeRoot();
    writeFileSync(join(twice, 'train/no/face/r0.png'), '');
    expect((await coded(() => load({}, twice))).message).toContain('two files of one row');
    const foreign = writeRoot();
    mkdirSync(join(foreign, 'test/maybe'));
    expect((await coded(() => load({}, foreign))).message).toContain('no class maybe');
    const wide = writeRoot();
    writeFileSync(join(wide, 'train/no/pose/r0.npy'), encodeNpy('<f4', [3], new Uint8Array(12)));
    const data = await load({}, wide);
    expect((await coded(() => data.splits.train.read(Int32Array.from([0])))).where).toContain('r0.npy');
    const linked = writeRoot();
    symlinkSync(join(linked, 'train/no'), join(linked, 'train/other'));
    expect((await load({}, linked)).classes).toEqual(['no', 'yes']);
    expect((await coded(() => load({}, temporaryFolder()))).problems).toHaveLength(2);
    expect(() => foldersOptions.parse({ modalities: { '../x': { kind: 'image' } } })).toThrow('letters');
  });
});
