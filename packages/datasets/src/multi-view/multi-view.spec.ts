import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedDataset } from '@equimodal/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { coded, contextOf, realData, temporaryFolder } from '../data-root.fixture.js';
import { MatEncoder } from '../readers/encode.fixture.js';
import hdf5 from '../readers/hdf5.fixture.json' with { type: 'json' };
import { multiView } from './multi-view.js';
import { multiViewOptions } from './options.js';

const load = (options: object, root?: string): Promise<LoadedDataset> =>
  multiView.create(multiViewOptions.parse(options), contextOf(root), { resolve: () => expect.unreachable() }).load();
const rows = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

describe('multi-view', () => {
  const root = temporaryFolder();
  const mat = new MatEncoder();
  /** Columns of a matrix, as MATLAB stores it. */
  const doubles = (name: string, shape: readonly [number, number], values: readonly number[]): Uint8Array =>
    mat.matrix(6, name, shape, mat.element(9, mat.numbers(8, values, true)));
  const bytes = (name: string, values: readonly number[]): Uint8Array =>
    mat.matrix(9, name, [values.length, 1], mat.element(2, Uint8Array.from(values)));

  beforeAll(() => {
    mkdirSync(join(root, 'multiview'));
    const write = (name: string, content: Uint8Array): void => writeFileSync(join(root, 'multiview', name), content);
    write(
      'split.mat',
      mat.file(
        ...[
          doubles('x1_train', [4, 1], [0, 1, 2, 3]),
          doubles('x2_train', [4, 2], [1, 1, 1, 1, 2, 4, 6, 8]),
          bytes('gt_train', [1, 2, 1, 2]),
        ],
        ...[doubles('x1_test', [2, 1], [3, 6]), doubles('x2_test', [2, 2], [1, 2, 2, 2]), bytes('gt_test', [2, 1])],
      ),
    );
    const ten = Array.from({ length: 10 }, (_, i) => i);
    const cells = [
      doubles(
        '',
        [2, 10],
        ten.flatMap((i) => [i, -i]),
      ),
      doubles('', [10, 1], ten),
    ];
    write(
      'cells.mat',
      mat.file(
        mat.compressed(mat.matrix(1, 'X', [1, 2], Buffer.concat(cells))),
        bytes(
          'gt',
          ten.map((i) => i % 2),
        ),
      ),
    );
    write('v73.mat', new Uint8Array(Buffer.from(hdf5.mat, 'base64')));
  });

  it('reads a file with a split of its own', async () => {
    const data = await load({ file: 'multiview/split.mat', count: 2, standardize: 'none' }, root);
    expect(data.modalities).toEqual([
      { name: 'view1', kind: 'vector', shape: [1] },
      { name: 'view2', kind: 'vector', shape: [2] },
    ]);
    expect(data.classes).toEqual(['1', '2']);
    expect([...data.splits.train.labels]).toEqual([0, 1, 0, 1]);
    expect(await data.splits.test.read(rows(2))).toEqual({ view1: Float32Array.from([3, 6]), view2: Float32Array.from([1, 2, 2, 2]) });
  });

  it('scales by the training rows, or as the released code does', async () => {
    const of = async (options: object) =>
      (await (await load({ file: 'multiview/split.mat', views: [1], ...options }, root)).splits.test.read(rows(2)))['view1'];
    expect(await of({ standardize: 'minmax' })).toEqual(Float32Array.from([1, 2]));
    expect(await of({ standardize: 'minmax', fit: 'each-split' })).toEqual(Float32Array.from([0, 1]));
    expect(await of({ standardize: 'range' })).toEqual(Float32Array.from([0.5, 1.5]));
  });

  it('reads cells with samples in rows or columns, splits by class and says so', async () => {
    const data = await load({ file: 'multiview/cells.mat', count: 2, names: ['a', 'b'], standardize: 'none', testFraction: 0.4 }, root);
    expect([data.splits.train.size, data.splits.test.size]).toEqual([6, 4]);
    expect([...data.splits.test.labels].sort()).toEqual([0, 0, 1, 1]);
    expect(data.notes?.[0]).toContain('4 of 10 rows are test');
    const { a, b } = await data.splits.train.read(rows(6));
    b!.forEach((value, row) => expect([a![2 * row]!, a![2 * row + 1]! + 0]).toEqual([value, -value + 0]));
    const again = await load({ file: 'multiview/cells.mat', count: 2, seed: 1 }, root);
    expect(again.fingerprint).not.toBe(data.fingerprint);
    const ranges = { train: [0, 6], validation: [6, 8], test: [8, 10] };
    expect((await load({ file: 'multiview/cells.mat', count: 2, split: ranges }, root)).splits.validation?.size).toBe(2);
  });

  it('reads level 7.3', async () => {
    const data = await load({ file: 'multiview/v73.mat', count: 2, standardize: 'none', split: { train: [0, 2], test: [2, 3] } }, root);
    expect(data.modalities.map(({ shape }) => shape)).toEqual([[2], [3]]);
    expect((await data.splits.test.read(rows(1)))['view1']).toEqual(Float32Array.from([4, 5]));
  });

  it.each([
    ['another number of views', { file: 'multiview/cells.mat', count: 3 }, 'EQM_CONFIG_INVALID', '2 views'],
    ['a view that is not there', { file: 'multiview/cells.mat', views: [3] }, 'EQM_CONFIG_INVALID', 'view 3'],
    ['a wrong orientation', { file: 'multiview/cells.mat', count: 2, orientation: 'rows' }, 'EQM_DATA_MALFORMED', '[2, 10]'],
    ['labels that are not there', { file: 'multiview/cells.mat', count: 2, labels: 'gtt' }, 'EQM_DATA_MALFORMED', 'did you mean "gt"'],
    ['no file', { file: 'multiview/none.mat', count: 2 }, 'EQM_DATA_MISSING', 'missing'],
    [
      'ranges that overlap',
      { file: 'multiview/cells.mat', count: 2, split: { train: [0, 6], test: [5, 10] } },
      'EQM_CONFIG_INVALID',
      'overlap',
    ],
  ])('refuses %s', async (_, options, code, said) => {
    const error = await coded(() => load(options, root));
    expect(error.code).toBe(code);
    expect(error.message).toContain(said);
  });

  it('needs a data root, and one name a view', async () => {
    expect((await coded(() => load({}))).code).toBe('EQM_DATA_ROOT');
    expect(() => multiViewOptions.parse({ count: 2, names: ['a'] })).toThrow('different names');
  });
});

describe.skipIf(realData === undefined)('multi-view on the real files (needs EQUIMODAL_DATA)', () => {
  it('handwritten has six views of 1600 and 400 rows', async () => {
    const data = await load({ standardize: 'minmax' }, realData);
    expect([data.splits.train.size, data.splits.test.size]).toEqual([1600, 400]);
    expect(data.modalities.map(({ shape }) => shape[0])).toEqual([240, 76, 216, 47, 64, 6]);
    expect(data.classes).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
    for (let label = 0; label < 10; label++) expect(data.splits.train.labels.filter((one) => one === label)).toHaveLength(160);
  });

  it('Wikipedia has two views of 2866 rows', async () => {
    const data = await load({ file: 'multiview/Wiki_fea.mat', count: 2, split: { train: [0, 2173], test: [2173, 2866] } }, realData);
    expect([data.splits.train.size, data.splits.test.size]).toEqual([2173, 693]);
    expect(data.modalities.map(({ shape }) => shape[0])).toEqual([128, 10]);
  });
});
