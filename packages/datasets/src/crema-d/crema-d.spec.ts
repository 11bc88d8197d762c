import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomStream, type LoadedDataset } from '@equimodal/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { put, putArray } from '../clips/miniature.fixture.js';
import { coded, contextOf, realData, survives, temporaryFolder } from '../data-root.fixture.js';
import { damaged } from '../readers/encode.fixture.js';
import { cremaD, cremaDOptions, readCremaLists } from './crema-d.js';
import { EMOTIONS, parseCremaList } from './list.js';
import { clipsOf, csvList, writeClips, writeCremaD } from './miniature.fixture.js';

const small = { visual: { size: 16 }, audio: { clip: 'tile-0.5s' }, workers: 0 };
const load = (root: string, options: object = {}): Promise<LoadedDataset> =>
  cremaD.create(cremaDOptions.parse({ ...small, ...options }), contextOf(root), { resolve: () => expect.unreachable() }).load();
const read = (data: LoadedDataset, row: number, random?: RandomStream) => data.splits.train.read(Int32Array.from([row]), random);
const parse = (text: string) => parseCremaList(new TextEncoder().encode(text), 'list');

describe('crema-d', () => {
  const data = temporaryFolder();
  const root = join(data, 'CREMAD');
  beforeAll(() => writeCremaD(root));

  it('opens the folder: rows, shapes, groups and what is noted', async () => {
    const loaded = await load(data);
    expect(loaded.classes).toEqual(EMOTIONS);
    expect(loaded.modalities).toMatchObject([
      { name: 'audio', kind: 'spectrogram', shape: [257, 32, 1] },
      { name: 'visual', kind: 'image', shape: [16, 16, 3] },
    ]);
    const { train, test } = loaded.splits;
    expect([train.size, test.size, loaded.splits.validation]).toEqual([18, 6, undefined]);
    expect([...test.labels]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(new Set(train.groups)).toEqual(new Set(['1001', '1002', '1003']));
    expect(train.ids![1]).toBe('1001_IEO_HAP_XX');
    expect(loaded.notes).toEqual(['train: 18 of 18 listed rows are used', 'test: 6 of 6 listed rows are used']);
    const rows = await test.read(Int32Array.from([0, 5]));
    expect(rows['audio']).toHaveLength(2 * 257 * 32);
    expect(rows['visual']).toHaveLength(2 * 16 * 16 * 3);
  });

  it('has the shapes of the variants', async () => {
    const shape = async (options: object, of = 0) => (await load(data, options)).modalities[of]!.shape;
    expect(await shape({ audio: {} })).toEqual([257, 188, 1]);
    expect(await shape({ audio: { clip: 'tile-20s' } })).toEqual([257, 1250, 1]);
    expect(await shape({ audio: { spectrum: 'log-density', clip: 'tile-160000' } })).toEqual([257, 1004, 1]);
    expect(await shape({ audio: { spectrum: 'fbank', clip: 'whole', rate: null, timeFirst: true } })).toEqual([1024, 128, 1]);
    expect(await shape({ audio: { spectrum: 'samples' } })).toEqual([66150, 1]);
    expect(await shape({ visual: { count: 3, size: 16 } }, 1)).toEqual([3, 16, 16, 3]);
  });

  it('reads mel bands of whole sounds, the rest zeros', async () => {
    const loaded = await load(data, { audio: { spectrum: 'fbank', clip: 'whole', rate: null, timeFirst: true, frames: 40 } });
    const { audio } = await read(loaded, 0);
    const lines = Array.from({ length: 40 }, (_, t) => audio!.slice(t * 128, (t + 1) * 128).every((value) => value === 0));
    // 0.3 s at 16 kHz: 1 + floor((4800 - 400) / 160) frames
    expect(lines.indexOf(true)).toBe(28);
  });

  it('draws in training passes only, by pass and row', async () => {
    const loaded = await load(data);
    const image = async (random?: RandomStream) => (await read(loaded, 2, random))['visual'];
    expect(await image()).toEqual(await image());
    expect(await image(new RandomStream(1))).toEqual(await image(new RandomStream(1)));
    expect(loaded.modalities[1]!.augmented).toBe(true);
    expect((await load(data, { visual: { augment: 'none' } })).modalities[1]!.augmented).toBe(false);
  });

  it('numbers classes as asked', async () => {
    expect((await load(data, { classes: 'sorted' })).classes).toEqual([...EMOTIONS].sort());
    const other = temporaryFolder();
    await writeCremaD(other);
    rmSync(join(other, 'AudioWAV/1001_IEO_NEU_XX.wav'));
    expect((await load(other, { classes: 'first-appearance' })).classes).toEqual(['HAP', 'SAD', 'FEA', 'DIS', 'ANG', 'NEU']);
  });

  it('has the same fingerprint wherever the folder lies, and another for other options', async () => {
    const { fingerprint } = await load(data);
    const moved = temporaryFolder();
    await writeCremaD(moved);
    expect((await load(moved)).fingerprint).toBe(fingerprint);
    expect((await load(data, { audio: { clip: 'tile-1s' } })).fingerprint).not.toBe(fingerprint);
  });

  it('leaves rows out and says how many and why', async () => {
    const root = temporaryFolder();
    await writeCremaD(root);
    const known = ['1076_MTI_SAD_XX', '1064_IEO_DIS_MD'];
    await writeClips(root, known);
    const train = [...clipsOf([1001, 1002, 1003]), ...known, '1001_IEO_NEU_XX', '1004_IEO_SAD_XX'];
    put(root, 'annotations/train.csv', csvList(train));
    rmSync(join(root, 'AudioWAV/1002_IEO_NEU_XX.wav'));
    rmSync(join(root, 'Image-01-FPS/1002_IEO_HAP_XX'), { recursive: true });
    mkdirSync(join(root, 'Image-01-FPS/1002_IEO_HAP_XX'));
    put(root, 'AudioWAV/1002_IEO_SAD_XX.wav', '');
    const loaded = await load(root);
    expect(loaded.splits.train.size).toBe(15);
    expect(loaded.notes![0]).toBe(
      'train: 15 of 22 listed rows are used; left out: ' +
        '2 with a place in the list of damaged clips (1076_MTI_SAD_XX, 1064_IEO_DIS_MD), ' +
        '1 with a name listed before (1001_IEO_NEU_XX), 1 with a name that test has too (1004_IEO_SAD_XX), ' +
        '1 with no sound file (1002_IEO_NEU_XX), 1 with no frames (1002_IEO_HAP_XX), 1 with a damaged sound file (1002_IEO_SAD_XX)',
    );
    expect((await load(root, { damaged: 'keep', overlap: 'keep' })).splits.train.size).toBe(18);
    const error = await coded(() => load(root, { incomplete: 'refuse' }));
    expect([error.code, error.where]).toEqual(['EQM_DATA_MISSING', `${join(root, 'annotations/train.csv')}, line 7`]);
  });

  it('reads the tree with a folder a split, and the lists in other words', async () => {
    const root = temporaryFolder();
    const [train, test] = [clipsOf([1001, 1002]), clipsOf([1003])];
    await writeClips(root, train, { sounds: 'train_wav', frames: 'train_img/Image-01-FPS' });
    await writeClips(root, test, { sounds: 'test_wav', frames: 'test_img/Image-01-FPS' });
    const words = ['Neutral', 'Happy', 'Sad', 'Fear', 'Disgust', 'Anger'];
    const list = (clips: readonly string[]): string => clips.map((clip, i) => `${clip}.flv ${words[i % 6]!}\n`).join('');
    put(root, 'data/my_train_cre.txt', list(train));
    put(root, 'data/my_test_cre.txt', list(test));
    const { splits } = await load(root);
    expect([splits.train.size, [...splits.test.labels]]).toEqual([12, [0, 1, 2, 3, 4, 5]]);
  });

  it('takes validation from a list, its rows out of train', async () => {
    const root = temporaryFolder();
    await writeCremaD(root);
    put(root, 'annotations/val.csv', csvList(clipsOf([1002])));
    const { splits, notes } = await load(root);
    expect([splits.train.size, splits.validation!.size]).toEqual([12, 6]);
    expect(notes![0]).toContain('6 with a name that validation has too');
    expect((await load(root, { overlap: 'keep' })).notes).toContain('1 of the 1 actors of validation occur in train as well');
  });

  it('parts clips by actor', async () => {
    const root = temporaryFolder();
    await writeClips(root, clipsOf([1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010]));
    const { splits } = await load(root, { split: 'actors' });
    const actors = [splits.train, splits.validation!, splits.test].map(({ groups }) => new Set(groups));
    expect(actors.map(({ size }) => size)).toEqual([7, 1, 2]);
    expect(new Set(actors.flatMap((set) => [...set])).size).toBe(10);
    const again = await load(root, { split: 'actors', actors: { seed: 1 } });
    expect(again.splits.test.ids).not.toEqual(splits.test.ids);
    await writeClips(temporaryFolder(), []);
    const few = temporaryFolder();
    await writeClips(few, clipsOf([1001]));
    expect((await coded(() => load(few, { split: 'actors' }))).code).toBe('EQM_DATA_SPLIT');
  });

  it('reads stored spectrograms, by itself where there are no sounds', async () => {
    const root = temporaryFolder();
    await writeCremaD(root);
    renameSync(join(root, 'AudioWAV'), join(root, 'elsewhere'));
    for (const clip of clipsOf([1001, 1002, 1003, 1004])) putArray(root, `audio/${clip}.npy`, [1, 8, 5], 3);
    const loaded = await load(root, { audio: { mean: 1, deviation: 4 } });
    expect(loaded.modalities[0]).toMatchObject({ kind: 'spectrogram', shape: [8, 5, 1] });
    expect(loaded.notes).toContain('there are no sounds, only stored arrays: these are read as they are');
    expect((await read(loaded, 0))['audio']).toEqual(new Float32Array(40).fill(0.5));
    const file = putArray(root, 'audio/1001_IEO_HAP_XX.npy', [8, 6]);
    const error = await coded(() => read(loaded, 1));
    expect([error.code, error.where]).toEqual(['EQM_DATA_MALFORMED', file]);
  });

  it('says what is missing, with every path', async () => {
    expect((await coded(() => load(data, { path: 'other' }))).code).toBe('EQM_DATA_MISSING');
    const empty = temporaryFolder();
    const lists = await coded(() => load(empty));
    expect(lists.problems.map(({ message }) => message)).toContain(join(empty, 'annotations/train.csv'));
    put(empty, 'train.csv', csvList(clipsOf([1001])));
    put(empty, 'test.csv', csvList(clipsOf([1002])));
    const sounds = await coded(() => load(empty));
    expect(sounds.problems.map(({ message }) => message)).toContain(join(empty, 'AudioWAV'));
    await writeClips(empty, clipsOf([1001]));
    const rows = await coded(() => load(empty));
    expect([rows.code, rows.message]).toEqual(['EQM_DATA_SPLIT', 'no row of test is left of 6']);
    put(empty, 'train.csv', csvList(clipsOf([1001]).slice(1)));
    await writeClips(empty, clipsOf([1002]));
    expect((await coded(() => load(empty))).message).toBe('no training row has class NEU');
    expect((await load(empty, { classes: 'sorted' })).notes![1]).toContain('1 with a class without training rows (1002_IEO_NEU_XX)');
  });

  it('names a frame that cannot be decoded when it is read', async () => {
    const root = temporaryFolder();
    await writeCremaD(root);
    const file = join(root, 'Image-01-FPS/1001_IEO_NEU_XX/00000.jpg');
    writeFileSync(file, 'no image');
    const error = await coded(async () => read(await load(root), 0));
    expect([error.code, error.where]).toEqual(['EQM_DATA_MALFORMED', file]);
  });
});

describe('lists of crema-d', () => {
  it('have a header or not, and labels long or short', () => {
    const rows = [{ name: '1001_IEO_NEU_XX', label: 'NEU', where: 'list, line 2' }];
    expect(parse('name,label\r\n1001_IEO_NEU_XX,NEU\r\n')).toEqual(rows);
    expect(parse('\n1001_IEO_NEU_XX.flv Neutral')).toEqual(rows);
  });

  it.each([
    ['', 'no rows'],
    ['name,label\n', 'no rows'],
    ['1001_IEO_NEU_XX,JOY', 'not one of'],
    ['../1001,NEU', 'not the name of a file'],
    ['..,NEU', 'not the name of a file'],
    ['/etc/passwd.flv Sad', 'not the name of a file'],
    ['C:\\x,SAD', 'not the name of a file'],
    ['1001_IEO_NEU_XX.flv Neutral\n1001', 'expected "clip.flv Emotion"'],
    ['1001_IEO_NEU_XX', 'expected "clip,EMOTION"'],
  ])('refuse %j', async (text, message) => {
    const error = await coded(() => parse(text));
    expect([error.code, error.where!.startsWith('list')]).toEqual(['EQM_DATA_MALFORMED', true]);
    expect(error.message).toContain(message);
  });

  it('survive damage', () => {
    const bytes = new TextEncoder().encode(csvList(clipsOf([1001, 1002]), '\ufeff'));
    fc.assert(fc.property(damaged(bytes), (text) => survives(() => parseCremaList(text, 'list'))));
  });
});

describe.skipIf(realData === undefined)('the lists of crema-d that circulate (needs EQUIMODAL_DATA)', () => {
  it('have the counted rows', () => {
    const lists = readCremaLists(join(realData!, 'cremad_splits'), undefined);
    const count = (rows: readonly { label: string }[]) =>
      Object.fromEntries(EMOTIONS.map((emotion) => [emotion, rows.filter(({ label }) => label === emotion).length]));
    expect([lists.train.length, lists.validation, lists.test.length]).toEqual([6698, undefined, 744]);
    expect(count(lists.train)).toEqual({ NEU: 973, HAP: 1148, SAD: 1131, FEA: 1138, DIS: 1142, ANG: 1166 });
    expect(count(lists.test)).toEqual({ NEU: 114, HAP: 123, SAD: 140, FEA: 133, DIS: 129, ANG: 105 });
  });
});
