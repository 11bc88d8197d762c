import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedDataset } from '@equimodal/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { coded, contextOf, survivesAsync, temporaryFolder } from '../data-root.fixture.js';
import { mosei, moseiOptions } from '../mosei/mosei.js';
import { mosi, mosiOptions } from '../mosi/mosi.js';
import { damaged } from '../readers/encode.fixture.js';
import { urFunny, urFunnyOptions } from '../ur-funny/ur-funny.js';
import fixture from './packs.fixture.json' with { type: 'json' };
import { classOf } from './rules.js';

const root = temporaryFolder();
const host = { resolve: () => expect.unreachable() };
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const write = (path: string, content: Uint8Array): void => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
};
const load = (options: object, at = root): Promise<LoadedDataset> => mosei.create(moseiOptions.parse(options), contextOf(at), host).load();
const rows = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);
const plain = { standardize: 'none' };

beforeAll(() => {
  write('mosei/aligned_50.pkl', bytesOf(fixture.mmsa));
  write('mosei/unaligned_50.pkl', bytesOf(fixture.ragged));
  write('mult.pkl', bytesOf(fixture.mult));
  write('humor.pkl', bytesOf(fixture.humour));
  write('mosi/aligned_50.pkl', bytesOf(fixture.mmsa));
});

describe('label rules', () => {
  it('are sign, positive, and the nearest of seven with halves to the even one', () => {
    const values = [-3.6, -2.5, -0.5, -0.1, 0, 0.5, 1.5, 3];
    expect(values.map((value) => classOf(value, 'sign'))).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(values.map((value) => classOf(value, 'positive'))).toEqual([0, 0, 0, 0, 0, 1, 1, 1]);
    expect(values.map((value) => classOf(value, 'seven') - 3)).toEqual([-3, -2, 0, 0, 0, 0, 2, 3]);
  });
});

describe('mosei from packs', () => {
  it('averages the steps that are not padding, and says what it did', async () => {
    const data = await load(plain);
    expect(data.modalities).toEqual([
      { name: 'text', kind: 'vector', shape: [3] },
      { name: 'audio', kind: 'vector', shape: [2] },
      { name: 'video', kind: 'vector', shape: [2] },
    ]);
    expect(data.classes).toEqual(['negative', 'non-negative']);
    expect([...data.splits.train.labels]).toEqual([0, 0, 1, 1, 1, 1]);
    expect([...data.splits.validation!.labels]).toEqual([0, 1, 1]);
    expect(data.notes).toEqual([
      'read from mosei/aligned_50.pkl',
      '3 values of "audio" were not finite and are zero',
      'the pack has 6 / 3 / 3 rows; the packs in circulation have 16326 / 1871 / 4659',
    ]);
    const sequences = await load({ ...plain, time: 'sequence' });
    expect(sequences.modalities.map(({ kind, shape }) => [kind, shape])).toEqual([
      ['sequence', [4, 3]],
      ['sequence', [4, 2]],
      ['sequence', [4, 2]],
    ]);
    const text = (await sequences.splits.train.read(rows(1)))['text']!;
    expect([...text.slice(6)]).toEqual([0, 0, 0, 0, 0, 0]);
    const mean = (await data.splits.train.read(rows(1)))['text']!;
    expect(mean[0]).toBeCloseTo((text[0]! + text[3]!) / 2, 6);
    const padded = (await (await load({ ...plain, time: 'mean-padded' })).splits.train.read(rows(1)))['text']!;
    expect(padded[0]).toBeCloseTo((text[0]! + text[3]!) / 4, 6);
    expect((await load({ ...plain, time: 'sequence', maxLength: 3 })).modalities[0]?.shape).toEqual([3, 3]);
  });

  it('counts the rows it drops', async () => {
    const data = await load({ ...plain, dropZero: true, emptyText: 'drop', modalities: ['audio'] });
    expect([data.splits.train.size, data.splits.validation!.size, data.splits.test.size]).toEqual([4, 1, 1]);
    expect(data.notes).toContain('train: 1 of 6 rows dropped: their label is 0');
    expect(data.notes).toContain('train: 1 of 6 rows dropped: their text is all zero');
    expect([...data.splits.train.labels]).toEqual([0, 0, 1, 1]);
  });

  it('reads the stored classes', async () => {
    const data = await load({ ...plain, labels: 'stored' });
    expect(data.classes).toEqual(['0', '1', '2']);
    expect([...data.splits.test.labels]).toEqual([0, 1, 2]);
  });

  it('reads other families: labels [rows, 1, 1], rows of unequal length', async () => {
    const aligned = await load(plain);
    const mult = await load({ ...plain, file: 'mult.pkl' });
    expect(mult.splits.train.read(rows(6))).toEqual(aligned.splits.train.read(rows(6)));
    const ragged = await load({ ...plain, variant: 'unaligned', time: 'sequence' });
    expect(ragged.modalities.map(({ shape }) => shape)).toEqual([
      [4, 3],
      [4, 2],
      [4, 2],
    ]);
    const video = (await ragged.splits.train.read(rows(1)))['video']!;
    expect([...video.slice(4)]).toEqual([0, 0, 0, 0]);
  });

  it('scales by the training rows and leaves padding zero', async () => {
    const data = await load({ time: 'sequence' });
    const text = (await data.splits.train.read(rows(5)))['text']!;
    for (let feature = 0; feature < 3; feature++) {
      let [sum, square] = [0, 0];
      for (let row = 0; row < 5; row++) {
        for (const step of [0, 1]) {
          const value = text[row * 12 + step * 3 + feature]!;
          sum += value;
          square += value * value;
        }
        expect(text[row * 12 + 6 + feature]).toBe(0);
      }
      expect(sum / 10).toBeCloseTo(0, 5);
      expect(square / 10).toBeCloseTo(1, 5);
    }
  });

  it('names what is missing', async () => {
    const empty = temporaryFolder();
    const gone = await coded(() => load({}, empty));
    expect(gone.code).toBe('EQM_DATA_MISSING');
    expect(gone.problems[0]?.message).toBe(join(empty, 'mosei/aligned_50.pkl'));
    expect((await coded(() => load({ file: 'mult.pkl', labels: 'stored' }))).message).toContain('classification_labels');
    expect((await coded(() => load({ labels: 'seven' }))).message).toContain('no training row has class');
  });

  it('survives damaged packs', async () => {
    const path = 'damaged.pkl';
    await fc.assert(
      fc.asyncProperty(damaged(bytesOf(fixture.mmsa)), async (input) => {
        write(path, input);
        await survivesAsync(async () => {
          try {
            await load({ file: path });
          } catch (error) {
            if ((error as { code?: string }).code !== 'EQM_DATA_SPLIT') throw error;
          }
        });
      }),
      { numRuns: 100 },
    );
  });
});

describe('its siblings', () => {
  it('ur-funny has two classes', async () => {
    const data = await urFunny.create(urFunnyOptions.parse({}), contextOf(root), host).load();
    expect(data.classes).toEqual(['no humour', 'humour']);
    expect([...data.splits.train.labels]).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it('mosi reads packs as well', async () => {
    const data = await mosi.create(mosiOptions.parse({ variant: 'aligned' }), contextOf(root), host).load();
    expect(data.splits.train.size).toBe(6);
  });
});
