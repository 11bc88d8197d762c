import { writeWeights } from '@equimodal/weights';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { coded } from '../data-root.fixture.js';
import { encodeNpy } from '../readers/encode.fixture.js';
import hdf5 from '../readers/hdf5.fixture.json' with { type: 'json' };
import parquet from '../readers/parquet.fixture.json' with { type: 'json' };
import pickles from '../readers/pickle/pickle.fixture.json' with { type: 'json' };
import torch from '../readers/torch.fixture.json' with { type: 'json' };
import { load, root, rows, write } from './tables.fixture.js';

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

beforeAll(() => {
  write('a.h5', bytesOf(hdf5.file));
  write('v73.mat', bytesOf(hdf5.mat));
  write('a.parquet', bytesOf(parquet.snappy));
  write('a.pkl', bytesOf(pickles.cases.arrays4));
  write('a.pt', bytesOf(torch.cases.transposed));
  write('a.tsv', '1\t2\n3\t4\n5\t6\n');
  write('half.npy', encodeNpy('<f2', [3], new Uint8Array(Uint16Array.from([0x3c00, 0xc000, 0]).buffer)));
  writeWeights(join(root, 'a.safetensors'), {
    x: { shape: [3, 1], values: Float32Array.of(7, 8, 9) },
    y: { shape: [3], values: Int32Array.of(0, 1, 0) },
  });
});

const split = { train: [0, 2], test: [2, 3] };
const labels = { file: { path: 'a.safetensors', key: 'y' } };

it('reads every format beside the others', async () => {
  const data = await load(
    {
      modalities: {
        hdf5: { file: 'a.h5', key: 'x', transpose: true },
        mat: { file: 'v73.mat', variable: 'X{1}' },
        parquet: { file: 'a.parquet', key: 'vector' },
        pickle: { file: 'a.pkl', key: 'view' },
        torch: { file: 'a.pt' },
        tsv: { file: 'a.tsv' },
        half: { file: 'half.npy' },
        safetensors: { file: { path: 'a.safetensors', key: 'x' } },
      },
      ...{ labels, split, standardize: 'none' },
    },
    root,
  );
  expect(await data.splits.test.read(rows(1))).toEqual({
    hdf5: Float32Array.from([2, 5]),
    mat: Float32Array.from([4, 5]),
    parquet: Float32Array.from([5, 6]),
    pickle: Float32Array.from([2, 5]),
    torch: Float32Array.from([2, 5]),
    tsv: Float32Array.from([5, 6]),
    half: Float32Array.from([0]),
    safetensors: Float32Array.from([9]),
  });
  expect([...data.splits.train.labels]).toEqual([0, 1]);
});

it.each([
  ['a.pkl', undefined, 'name one with "key"'],
  ['a.pkl', 'vieww', 'did you mean "view"'],
  ['a.pkl', 'text', 'text'],
  ['a.h5', undefined, 'name one with "key"'],
  ['a.safetensors', 'z', 'no tensor "z"'],
  ['a.parquet', 'text', 'not a number'],
])('names file and array: %s, %s', async (file, key, said) => {
  const error = await coded(() => load({ modalities: { x: { file, ...(key === undefined ? {} : { key }) } }, labels, split }, root));
  expect(error.code).toBe('EQM_DATA_MALFORMED');
  expect(error.where).toContain(file);
  expect(error.message).toContain(said);
});
