import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import type { LoadedDataset } from '@equimodal/core';
import { expect } from 'vitest';
import { contextOf, temporaryFolder } from '../data-root.fixture.js';
import { encodeNpy, MatEncoder } from '../readers/encode.fixture.js';
import { features } from './features.js';
import { featuresOptions } from './options.js';

export const load = (options: unknown, root?: string): Promise<LoadedDataset> =>
  features.create(featuresOptions.parse(options), contextOf(root), { resolve: () => expect.unreachable() }).load();
export const rows = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);
const floats = (values: readonly number[]): Uint8Array => new Uint8Array(Float64Array.from(values).buffer);

/** A folder with the tables below; `write` adds one. Files that share a process share it. */
export const root = temporaryFolder();
export const write = (name: string, content: string | Uint8Array): void => writeFileSync(join(root, name), content);

/** Two modalities in csv, last column the label, as the sentiment sets are distributed. */
export const csv = {
  modalities: {
    text: { train: 'text_train.csv', test: 'text_test.csv' },
    audio: { train: 'audio_train.csv', test: 'audio_test.csv' },
  },
  labels: { from: ['text', 'audio'] },
};

/** Writes the tables of the tests. */
export function writeTables(): void {
  write('text_train.csv', '"1","10","0"\n"2","10","0"\n"3","10","1"\n"6","10","1"\n');
  write('audio_train.csv', '5,0\n5,0\n7,1\n9,1\n');
  write('text_test.csv', '3,20,1\n0,10,0\n');
  write('audio_test.csv', '7,1\n5,0\n');
  write('groups.csv', 'v3_1,2,0\nv1_2,1,1\nv1_1,1,0\nv2_9,1,1\nv2_8,1,0\n');
  write('view.npy', encodeNpy('<f8', [2, 5], floats([1, 2, 3, 4, 5, 10, 20, 30, 40, 50]), { fortran: false }));
  write('labels.npy', encodeNpy('|u1', [5], Uint8Array.from([1, 2, 1, 2, 2])));
  write(
    'both.npz',
    zipSync({
      'x.npy': encodeNpy('<f8', [5, 1], floats([9, 8, 7, 6, 5])),
      'y.npy': encodeNpy('|u1', [5], Uint8Array.from([0, 1, 0, 1, 1])),
    }),
  );
  const mat = new MatEncoder();
  const cell = mat.matrix(1, 'X', [1, 1], mat.matrix(6, '', [5, 2], mat.element(9, floats([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]))));
  write('views.mat', mat.file(mat.compressed(cell), mat.matrix(9, 'Y', [5, 1], mat.element(2, Uint8Array.from([1, 2, 1, 2, 2])))));
}
