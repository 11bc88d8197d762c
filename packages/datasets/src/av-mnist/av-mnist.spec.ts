import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedDataset } from '@equimodal/core';
import { beforeAll, expect, it } from 'vitest';
import { coded, contextOf, temporaryFolder } from '../data-root.fixture.js';
import { encodeNpy } from '../readers/encode.fixture.js';
import { avMnist, avMnistOptions } from './av-mnist.js';

const root = temporaryFolder();
const folder = join(root, 'avmnist');
const load = (options: object, at: string | undefined = root): Promise<LoadedDataset> =>
  avMnist.create(avMnistOptions.parse(options), contextOf(at), { resolve: () => expect.unreachable() }).load();
const write = (name: string, bytes: Uint8Array): void => writeFileSync(join(folder, name), bytes);
/** Every value of row r is r, plus its place modulo 2. */
const rows = (count: number, size: number): Uint8Array =>
  new Uint8Array(Float64Array.from({ length: count * size }, (_, i) => Math.floor(i / size) + (i % 2)).buffer);

beforeAll(() => {
  for (const part of ['image', 'audio']) mkdirSync(join(folder, part), { recursive: true });
  for (const [split, count] of [
    ['train', 6],
    ['test', 3],
  ] as const) {
    write(`image/${split}_data.npy`, encodeNpy('<f8', [count, 784], rows(count, 784)));
    write(`audio/${split}_data.npy`, encodeNpy('<f8', [count, 112, 112], rows(count, 112 * 112)));
    write(
      `${split}_labels.npy`,
      encodeNpy(
        '|u1',
        [count],
        Uint8Array.from({ length: count }, (_, i) => i),
      ),
    );
  }
});

it('reads rows from the files, divided by 255, and takes the last training rows for validation', async () => {
  const data = await load({ validation: 2 });
  expect(data.modalities).toEqual([
    { name: 'image', kind: 'image', shape: [28, 28, 1], augmented: false },
    { name: 'audio', kind: 'spectrogram', shape: [112, 112, 1], augmented: false },
  ]);
  expect([data.splits.train.size, data.splits.validation?.size, data.splits.test.size]).toEqual([4, 2, 3]);
  expect([...data.splits.validation!.labels]).toEqual([4, 5]);
  const { image, audio } = await data.splits.validation!.read(Int32Array.from([1, 0]));
  expect(image!.subarray(0, 2)).toEqual(Float32Array.from([5 / 255, 6 / 255]));
  expect(audio![112 * 112]).toBeCloseTo(4 / 255, 7);
  expect((await load({ validation: 0 })).splits.validation).toBeUndefined();
});

it('names what is missing or unequal', async () => {
  expect((await coded(() => load({}, temporaryFolder()))).problems).toHaveLength(6);
  expect((await coded(() => load({ validation: 6 }))).code).toBe('EQM_DATA_SPLIT');
  write('test_labels.npy', encodeNpy('|u1', [2], Uint8Array.from([0, 10])));
  expect((await coded(() => load({ validation: 0 }))).where).toContain('test_labels.npy, row 2');
  write('test_labels.npy', encodeNpy('|u1', [2], Uint8Array.from([0, 1])));
  expect((await coded(() => load({ validation: 0 }))).message).toContain('3 here, 2 in');
  write('image/train_data.npy', encodeNpy('<f8', [6, 700], rows(6, 700)));
  expect((await coded(() => load({ validation: 0 }))).message).toContain('28 x 28');
  rmSync(join(folder, 'train_labels.npy'));
  expect((await coded(() => load({}))).problems[0]?.message).toContain('train_labels.npy');
});
