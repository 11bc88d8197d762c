import { join } from 'node:path';
import { RandomStream, type LoadedDataset } from '@equimodal/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { put, putArray, putFrames, putSound } from '../clips/miniature.fixture.js';
import { coded, contextOf, survives, temporaryFolder } from '../data-root.fixture.js';
import { damaged } from '../readers/encode.fixture.js';
import { parseVggSoundList } from './list.js';
import { vggSound, vggSoundOptions } from './vggsound.js';

const small = { visual: { size: 16 }, audio: { clip: 'tile-0.2s', within: 0.5 }, workers: 0 };
const load = (root: string, options: object = {}): Promise<LoadedDataset> =>
  vggSound.create(vggSoundOptions.parse({ ...small, ...options }), contextOf(root), { resolve: () => expect.unreachable() }).load();
const parse = (text: string) => parseVggSoundList(new TextEncoder().encode(text), 'list');

const ROWS = [
  ['---g-f_I2yQ', '1', 'people marching', 'train'],
  ['--0PQM4-hqg', '30', 'female speech, woman speaking', 'train'],
  ['--56QUhyDQM', '185', 'people marching', 'train'],
  ['--5OkAjCI7g', '40', 'female speech, woman speaking', 'test'],
] as const;
const list = ROWS.map(([id, start, name, split]) => `${id},${start},${name.includes(',') ? `"${name}"` : name},${split}\n`).join('');

type Layout = (id: string, start: string, split: string) => { sound: string; frames: string };
const unpadded: Layout = (id, start, split) => ({
  sound: `${split}-audios/${split}-set/${id}_${start}.wav`,
  frames: `${split}-videos/${split}-set-img/Image-01-FPS/${id}_${start}.mp4`,
});
const padded: Layout = (id, start, split) => ({
  sound: `audio/${split}/${id}_${start.padStart(6, '0')}.wav`,
  frames: `video/frames/${split}/Image-01-FPS/${id}_${start.padStart(6, '0')}`,
});

async function writeVggSound(root: string, layout: Layout, header = ''): Promise<void> {
  for (const [id, start, , split] of ROWS) {
    const { sound, frames } = layout(id, start, split);
    putSound(root, sound);
    await putFrames(
      root,
      [0, 1, 2, 3].map((i) => `${frames}/0000${i}.jpg`),
      [9, 99, 199],
    );
  }
  put(root, 'vggsound.csv', header + list);
}

describe('vggsound', () => {
  const data = temporaryFolder();
  beforeAll(() => writeVggSound(join(data, 'VGGSound'), unpadded));

  it('opens the folder', async () => {
    const loaded = await load(data);
    expect(loaded.classes).toEqual(['female speech, woman speaking', 'people marching']);
    expect(loaded.modalities).toMatchObject([
      { name: 'audio', kind: 'spectrogram', shape: [129, 26, 1], augmented: true },
      { name: 'visual', kind: 'video', shape: [3, 16, 16, 3] },
    ]);
    expect([[...loaded.splits.train.labels], [...loaded.splits.test.labels]]).toEqual([[1, 0, 1], [0]]);
    expect(loaded.splits.train.groups![0]).toBe('---g-f_I2yQ');
    expect((await load(data, { audio: {} })).modalities[0]!.shape).toEqual([129, 626, 1]);
    expect((await load(data, { classes: 'first-appearance' })).classes[0]).toBe('people marching');
  });

  it('begins at a random place in training passes, else in the middle', async () => {
    const { splits } = await load(data);
    const read = async (random?: RandomStream) => (await splits.train.read(Int32Array.from([0]), random, ['audio']))['audio'];
    expect(await read()).toEqual(await read());
    expect(await read(new RandomStream(1))).not.toEqual(await read(new RandomStream(2)));
  });

  it('reads the layout with six digits and a header, and stored arrays beside frames', async () => {
    const root = temporaryFolder();
    await writeVggSound(root, padded, 'youtube_id,time,label,split\n');
    expect((await load(root)).splits.train.size).toBe(3);
    const flat = temporaryFolder();
    for (const [id, start] of ROWS) {
      putArray(flat, `${id}_${start}.npy`, [6, 4]);
      await putFrames(
        flat,
        [0, 1, 2, 3].map((i) => `${id}_${start}/${i}.jpg`),
        [9, 99, 199],
      );
    }
    put(flat, 'vggsound.csv', list);
    expect((await load(flat)).modalities[0]!.shape).toEqual([6, 4, 1]);
  });

  it('leaves out what is not there', async () => {
    const root = temporaryFolder();
    await writeVggSound(root, padded);
    put(root, 'vggsound.csv', `${list}zzzzzzzzzzz,3,people marching,train\nyyyyyyyyyyy,3,dog barking,test\n`);
    const { sound, frames } = padded('yyyyyyyyyyy', '3', 'test');
    putSound(root, sound);
    await putFrames(
      root,
      [0, 1, 2, 3].map((i) => `${frames}/${i}.jpg`),
      [0, 0, 0],
    );
    expect((await load(root)).notes!.slice(0, 2)).toEqual([
      'train: 3 of 4 listed rows are used; left out: 1 with no sound file (zzzzzzzzzzz_000003)',
      'test: 1 of 2 listed rows are used; left out: 1 with a class without training rows (yyyyyyyyyyy_000003)',
    ]);
  });

  it('names the lists it looked for', async () => {
    const empty = temporaryFolder();
    const error = await coded(() => load(empty));
    expect([error.code, error.problems[0]!.message]).toEqual(['EQM_DATA_MISSING', join(empty, 'vggsound.csv')]);
    expect((await coded(() => load(empty, { list: 'mine.csv' }))).problems[0]!.message).toBe(join(empty, 'mine.csv'));
  });
});

describe('the list of vggsound', () => {
  it.each([
    ['a,1,dog', 'expected "id,second'],
    ['a,x,dog,train', 'expected "id,second'],
    ['a,1,dog,dev', 'expected "id,second'],
    ['a,1,dog,train', 'no test rows'],
    ['../a,1,dog,train', 'not the name of a file'],
  ])('is refused: %j', async (text, message) => {
    const error = await coded(() => parse(text));
    expect([error.code, error.message]).toEqual(['EQM_DATA_MALFORMED', expect.stringContaining(message)]);
  });

  it('survives damage', () => {
    fc.assert(fc.property(damaged(new TextEncoder().encode(list)), (bytes) => survives(() => parseVggSoundList(bytes, 'list'))));
  });
});
