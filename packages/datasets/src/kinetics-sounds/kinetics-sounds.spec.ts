import { join } from 'node:path';
import type { LoadedDataset } from '@equimodal/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { put, putFrames, putSound } from '../clips/miniature.fixture.js';
import { coded, contextOf, realData, survives, temporaryFolder } from '../data-root.fixture.js';
import { damaged, encodeWav } from '../readers/encode.fixture.js';
import { kineticsSounds, kineticsSoundsOptions, readKineticsLists } from './kinetics-sounds.js';
import { KINETICS_SOUNDS, parseKineticsList } from './list.js';

const small = { visual: { size: 16 }, audio: { clip: 'tile-0.2s', rate: 16_000 }, workers: 0 };
const load = (root: string, options: object = {}): Promise<LoadedDataset> =>
  kineticsSounds
    .create(kineticsSoundsOptions.parse({ ...small, ...options }), contextOf(root), { resolve: () => expect.unreachable() })
    .load();
const parse = (text: string, { file = 'list', known = true } = {}) =>
  parseKineticsList(new TextEncoder().encode(text), file, 'train', known).map(({ name, label }) => [name, label]);

const TRAIN = ['--4-0ihtnBU_000058_000068', '--6q_33gNew_000132_000142', '-00nar1nEPc_000033_000043'];
const TEST = ['-3Mwkq-7TV4_2', '-74csnCOiUs_0', '--4-0ihtnBU_9'];
const LABELS = [4, 27, 13];
const list = (names: readonly string[]): string => names.map((name, i) => `${name},10,${LABELS[i]!}\r\n`).join('');

async function writeKinetics(root: string): Promise<void> {
  for (const [split, names] of [
    ['train', TRAIN],
    ['test', TEST],
  ] as const) {
    for (const name of names) {
      putSound(root, `${split}_wav/${name}.wav`);
      const frames = Array.from({ length: 10 }, (_, i) => `${split}_img/Image-01-FPS/${name}/frame_${String(i + 1).padStart(5, '0')}.jpg`);
      await putFrames(root, frames, [200, 100, 50]);
    }
    put(root, `my_${split}.txt`, list(names));
  }
}

describe('kinetics-sounds', () => {
  const data = temporaryFolder();
  const root = join(data, 'kinetics_sound');
  beforeAll(() => writeKinetics(root));

  it('opens the folder with the classes that are there', async () => {
    const loaded = await load(data, { classes: 'sorted' });
    expect(loaded.classes).toEqual(['dribbling_basketball', 'playing_harmonica', 'tap_dancing']);
    expect(loaded.modalities).toMatchObject([
      { name: 'audio', kind: 'spectrogram', shape: [257, 10, 1] },
      { name: 'visual', kind: 'video', shape: [3, 16, 16, 3] },
    ]);
    expect([...loaded.splits.train.labels]).toEqual([0, 2, 1]);
    expect(loaded.notes).toEqual([
      'train: 3 of 3 listed rows are used',
      'test: 3 of 3 listed rows are used',
      '1 of the 3 videos of test occur in train as well',
    ]);
    const { visual } = await loaded.splits.test.read(Int32Array.from([2]));
    expect(visual).toHaveLength(3 * 16 * 16 * 3);
    expect((await load(data, { classes: 'first-appearance' })).classes[1]).toBe('tap_dancing');
  });

  it('has the shapes of the variants', async () => {
    const shape = async (audio: object) => (await load(data, { classes: 'sorted', audio })).modalities[0]!.shape;
    expect(await shape({})).toEqual([257, 1003, 1]);
    expect(await shape({ spectrum: 'log-density', rate: 22_050, clip: 'tile-160000' })).toEqual([257, 1004, 1]);
  });

  it('numbers the 31 classes as the lists do, and refuses to train without one', async () => {
    const error = await coded(() => load(data));
    expect([error.code, error.fix]).toEqual(['EQM_DATA_SPLIT', expect.stringContaining('classes: sorted')]);
  });

  it('leaves short clips out and counts them', async () => {
    const root = temporaryFolder();
    await writeKinetics(root);
    const more = ['aaaaaaaaaaa_1', 'bbbbbbbbbbb_1', 'ccccccccccc_1'];
    putSound(root, 'train_wav/aaaaaaaaaaa_1.wav');
    await putFrames(
      root,
      [1, 2, 3].map((i) => `train_img/Image-01-FPS/aaaaaaaaaaa_1/frame_0000${i}.jpg`),
      [0, 0, 0],
    );
    put(root, 'train_wav/bbbbbbbbbbb_1.wav', encodeWav(new Uint8Array(0), { sampleRate: 16_000 }));
    putSound(root, 'train_wav/ccccccccccc_1.wav', { seconds: 0.1 });
    put(root, 'my_train.txt', list(TRAIN) + list(more));
    const { notes } = await load(root, { classes: 'sorted', minSeconds: 0.2 });
    expect(notes![0]).toBe(
      'train: 3 of 6 listed rows are used; left out: 1 with fewer than 4 frames (aaaaaaaaaaa_1), ' +
        '1 with a sound without samples (bbbbbbbbbbb_1), 1 with less than 0.2 s of sound (ccccccccccc_1)',
    );
    await putFrames(
      root,
      [1, 2, 3, 4].map((i) => `train_img/Image-01-FPS/bbbbbbbbbbb_1/frame_0000${i}.jpg`),
      [0, 0, 0],
    );
    const silent = await load(root, { classes: 'sorted', emptySound: 'silence' });
    const row = silent.splits.train.ids!.indexOf('bbbbbbbbbbb_1');
    const { audio } = await silent.splits.train.read(Int32Array.from([row]));
    expect(new Set(audio!.map((value) => Math.round(100 * value)))).toEqual(new Set([Math.round(100 * Math.log(1e-7))]));
  });

  it('knows its options', () => {
    expect(() => kineticsSoundsOptions.parse({ audio: { clip: '3s' } })).toThrow('tile-3s');
    expect(() => kineticsSoundsOptions.parse({ audio: { clip: 'whole' } })).toThrow('only fbank');
    expect(() => kineticsSoundsOptions.parse({ audio: { nFft: 500 } })).toThrow('power of two');
    expect(() => kineticsSoundsOptions.parse({ audio: { spectrum: 'log-density', overlap: 512 } })).toThrow('less than nFft');
  });
});

describe('lists of kinetics-sounds', () => {
  it('come in several layouts', () => {
    expect(parse('-3Mwkq-7TV4_2,10,23\r\n')).toEqual([['-3Mwkq-7TV4_2', 'shoveling_snow']]);
    expect(parse('-3Mwkq-7TV4_2 0 10 30')).toEqual([['-3Mwkq-7TV4_2', 'tickling']]);
    expect(parse('-3Mwkq-7TV4_2.mp4 playing bass guitar')).toEqual([['-3Mwkq-7TV4_2', 'playing_bass_guitar']]);
    expect(parse('label,youtube_id\nplaying drums,abc\n')).toEqual([['abc', 'playing_drums']]);
    const official = parseKineticsList(
      new TextEncoder().encode('label,youtube_id,time_start,time_end\nlaughing,abc,5,15'),
      'list',
      'train',
      true,
    );
    expect(official[0]!.stems).toEqual(['abc', 'abc_000005_000015']);
    expect(parse('abc,Ringing Bells', { known: false })).toEqual([['abc', 'ringing_bells']]);
    const database = { a: { subset: 'training', label: 'singing' }, b: { subset: 'testing', label: 'singing' } };
    expect(parse(JSON.stringify({ labels: [], database }), { file: 'KS.json' })).toEqual([['a', 'singing']]);
  });

  it.each([
    ['abc,10,31', 'list', 'not one of the 31'],
    ['abc,ringing', 'list', 'classes: sorted'],
    ['../../abc,10,3', 'list', 'not the name of a file'],
    ['abc', 'list', 'expected a clip'],
    ['label,youtube_id', 'list', 'no rows'],
    ['{', 'KS.json', 'JSON'],
    ['[]', 'KS.json', 'database'],
    ['{"database":{"a":{}}}', 'KS.json', 'no subset'],
    ['{"database":{"../a":{"subset":"training","label":"singing"}}}', 'KS.json', 'not the name of a file'],
  ])('refuse %j', async (text, file, message) => {
    const error = await coded(() => parse(text, { file }));
    expect([error.code, error.message]).toEqual(['EQM_DATA_MALFORMED', expect.stringContaining(message)]);
  });

  it('survive damage', () => {
    const texts = [list(TRAIN), 'a.mp4 singing\nb.mp4 laughing', 'label,youtube_id\nsinging,abc'];
    for (const text of texts) {
      fc.assert(
        fc.property(damaged(new TextEncoder().encode(text)), (bytes) => survives(() => parseKineticsList(bytes, 'list', 'train', true))),
        { numRuns: 50 },
      );
    }
    const json = new TextEncoder().encode('{"database":{"a":{"subset":"training","label":"singing"}}}');
    fc.assert(fc.property(damaged(json), (bytes) => survives(() => parseKineticsList(bytes, 'a.json', 'train', true))));
  });
});

describe.skipIf(realData === undefined)('the lists of kinetics-sounds that circulate (needs EQUIMODAL_DATA)', () => {
  it('have the counted rows', () => {
    const lists = readKineticsLists(join(realData!, 'cremad_splits'), { lists: undefined, classes: 'fixed' });
    expect([lists.train.length, lists.test.length]).toEqual([14_799, 2597]);
    const count = (rows: readonly { label: string }[], number: number) =>
      rows.filter(({ label }) => label === KINETICS_SOUNDS[number]).length;
    expect([0, 9, 26, 30].map((number) => [count(lists.train, number), count(lists.test, number)])).toEqual([
      [268, 81],
      [605, 79],
      [197, 85],
      [254, 63],
    ]);
  });
});
