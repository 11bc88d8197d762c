import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { RandomStream, type LoadedDataset } from '@equimodal/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { put, putFrames } from '../clips/miniature.fixture.js';
import { coded, contextOf, survives, temporaryFolder } from '../data-root.fixture.js';
import { damaged } from '../readers/encode.fixture.js';
import { parseUcfList } from './list.js';
import { ucf101, ucf101Options } from './ucf101.js';

const small = { rgb: { size: 16 }, flow: { size: 8, mean: 0, deviation: 1 }, workers: 0 };
const load = (root: string, options: object = {}): Promise<LoadedDataset> =>
  ucf101.create(ucf101Options.parse({ ...small, ...options }), contextOf(root), { resolve: () => expect.unreachable() }).load();
const parse = (text: string) => parseUcfList(new TextEncoder().encode(text), 'list');

const TRAIN = ['Archery/v_Archery_g08_c01', 'Biking/v_Biking_g08_c01', 'Biking/v_Biking_g08_c02'];
const TEST = ['Biking/v_Biking_g01_c01', 'Archery/v_Archery_g01_c01'];

async function writeUcf(root: string): Promise<void> {
  for (const path of [...TRAIN, ...TEST]) {
    const clip = path.split('/')[1]!;
    const six = [1, 2, 3, 4, 5, 6];
    await putFrames(
      root,
      six.map((i) => `visual/${clip}/frame_0000${i}.jpg`),
      [10, 20, 30],
    );
    await putFrames(
      root,
      six.map((i) => `flow_u/${clip}/frame00000${i}.jpg`),
      [204, 204, 204],
    );
    await putFrames(
      root,
      six.map((i) => `flow_v/${clip}/frame00000${i}.jpg`),
      [102, 102, 102],
    );
  }
  put(root, 'trainlist01.txt', TRAIN.map((path) => `${path}.avi 1\r\n`).join(''));
  put(root, 'testlist01.txt', TEST.map((path) => `${path}.avi\r\n`).join(''));
}

describe('ucf101', () => {
  const data = temporaryFolder();
  beforeAll(() => writeUcf(join(data, 'UCF101')));

  it('opens the folder: frames, and flow as images', async () => {
    const loaded = await load(data);
    expect(loaded.classes).toEqual(['Archery', 'Biking']);
    expect(loaded.modalities).toMatchObject([
      { name: 'rgb', kind: 'video', shape: [3, 16, 16, 3], augmented: true },
      { name: 'flow', kind: 'video', shape: [3, 8, 8, 2], augmented: true },
    ]);
    expect([[...loaded.splits.train.labels], [...loaded.splits.test.labels]]).toEqual([
      [0, 1, 1],
      [1, 0],
    ]);
    expect(loaded.splits.train.groups).toEqual(['v_Archery_g08', 'v_Biking_g08', 'v_Biking_g08']);
    const { flow } = await loaded.splits.test.read(Int32Array.from([0]));
    expect([flow![0], flow![1]].map((value) => Math.round(10 * value!))).toEqual([8, 4]);
  });

  it('reverses horizontal flow where it mirrors, or leaves it as released code does', async () => {
    const values = async (mirror: string) => {
      const { splits } = await load(data, { flow: { ...small.flow, mirror } });
      const seen = new Set<number>();
      for (let seed = 0; seed < 6; seed++) {
        const { flow } = await splits.train.read(Int32Array.from([0]), new RandomStream(seed), ['flow']);
        for (let i = 0; i < flow!.length; i += 2) seen.add(Math.round(10 * flow![i]!));
      }
      return [...seen].sort();
    };
    expect(await values('consistent')).toEqual([2, 8]);
    expect(await values('independent')).toEqual([8]);
    expect(await values('none')).toEqual([8]);
  });

  it('reads other folders, one modality, and clips in the folder of their class', async () => {
    const root = temporaryFolder();
    await writeUcf(root);
    rmSync(join(root, 'visual'), { recursive: true });
    for (const path of [...TRAIN, ...TEST]) await putFrames(root, [`jpegs_256/${path}/frame000001.jpg`], [1, 2, 3]);
    const loaded = await load(root, { modalities: ['rgb'], rgb: { size: 16, count: 1, augment: 'none', pick: 'first' } });
    expect(loaded.modalities).toMatchObject([{ name: 'rgb', kind: 'image', shape: [16, 16, 3], augmented: false }]);
    const flow = await load(root, { modalities: ['flow'], flow: { ...small.flow, folders: ['flow_v', 'flow_u'], count: 1 } });
    expect(flow.modalities[0]!.shape).toEqual([8, 8, 2]);
  });

  it('counts what is missing, and says so where it is all', async () => {
    const root = temporaryFolder();
    await writeUcf(root);
    rmSync(join(root, 'flow_u/v_Biking_g08_c01/frame000006.jpg'));
    rmSync(join(root, 'visual/v_Biking_g01_c01'), { recursive: true });
    expect((await load(root)).notes).toEqual([
      'train: 2 of 3 listed rows are used; left out: 1 with unequal numbers of horizontal and vertical flow (v_Biking_g08_c01)',
      'test: 1 of 2 listed rows are used; left out: 1 with no frames (v_Biking_g01_c01)',
    ]);
    rmSync(join(root, 'flow_u'), { recursive: true });
    expect((await coded(() => load(root))).message).toContain('modalities: [rgb]');
    const lists = await coded(() => load(root, { split: 2 }));
    expect(lists.problems.map(({ message }) => message)).toContain(join(root, 'trainlist02.txt'));
    expect(() => ucf101Options.parse({ modalities: ['rgb', 'rgb'] })).toThrow('named twice');
  });
});

describe('lists of ucf101', () => {
  it.each(['v_Archery_g08_c01.avi', '../v.avi', '../../etc/passwd', '/etc/passwd', 'a/.. 1', 'a b/c.avi'])('refuse %j', async (text) => {
    expect((await coded(() => parse(text))).code).toBe('EQM_DATA_MALFORMED');
  });

  it('survive damage', () => {
    const bytes = new TextEncoder().encode(TRAIN.map((path) => `${path}.avi 1\n`).join(''));
    fc.assert(fc.property(damaged(bytes), (text) => survives(() => parseUcfList(text, 'list'))));
  });
});
