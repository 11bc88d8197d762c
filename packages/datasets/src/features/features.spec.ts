import { beforeAll, describe, expect, it } from 'vitest';
import { coded, contextOf, realData } from '../data-root.fixture.js';
import { features } from './features.js';
import { featuresOptions } from './options.js';
import { csv, load, root, rows, write, writeTables } from './tables.fixture.js';

beforeAll(writeTables);

describe('features from csv', () => {
  it('knows its modalities before reading, and takes the label column out of each', async () => {
    expect(features.create(featuresOptions.parse(csv), contextOf(), { resolve: () => expect.unreachable() }).modalities).toEqual([
      { name: 'text', kind: 'vector' },
      { name: 'audio', kind: 'vector' },
    ]);
    const data = await load({ ...csv, standardize: 'none' }, root);
    expect(data.modalities.map(({ shape }) => shape)).toEqual([[2], [1]]);
    expect(data.classes).toEqual(['0', '1']);
    expect(data.splits.train.labels).toEqual(Int32Array.from([0, 0, 1, 1]));
    expect(await data.splits.train.read(Int32Array.from([3, 0]))).toEqual({
      text: Float32Array.from([6, 10, 1, 10]),
      audio: Float32Array.from([9, 5]),
    });
    expect(data.splits.validation).toBeUndefined();
  });

  it('scales by training statistics only', async () => {
    const z = await load({ ...csv, standardize: 'zscore' }, root);
    // text column 0: 1 2 3 6, mean 3, population deviation sqrt(3.5); column 1 is constant in train
    const deviation = Math.sqrt(3.5);
    const train = (await z.splits.train.read(rows(4)))['text']!;
    [-2, -1, 0, 3].forEach((value, row) => expect(train[2 * row]).toBeCloseTo(value / deviation, 6));
    expect((await z.splits.test.read(rows(2)))['text']).toEqual(Float32Array.from([0, 10, -3 / deviation, 0]));
    const m = await load({ ...csv, standardize: 'minmax' }, root);
    expect((await m.splits.test.read(rows(2)))['audio']).toEqual(Float32Array.from([0.5, 0]));
  });

  it('reads one label file with names, and columns of a table', async () => {
    write('y_train.csv', 'row,class\n1,2\n2,1\n3,2\n4,1\n');
    write('y_test.csv', 'row,class\n1,1\n2,2\n');
    const data = await load(
      {
        modalities: { text: { train: 'text_train.csv', test: 'text_test.csv', columns: [0, 1] } },
        labels: { train: 'y_train.csv', test: 'y_test.csv', column: 'last', header: true },
        standardize: 'none',
        classes: ['bad', 'good'],
      },
      root,
    );
    expect(data.modalities[0]?.shape).toEqual([1]);
    expect(data.splits.train.labels).toEqual(Int32Array.from([1, 0, 1, 0]));
    expect(data.classes).toEqual(['bad', 'good']);
  });
});

describe('features from one file with row ranges', () => {
  const split = { train: [0, 3], test: [3, 5] };

  it('reads npy (transposed), npz and mat cells', async () => {
    const data = await load(
      {
        modalities: {
          a: { file: 'view.npy', transpose: true },
          b: { file: 'both.npz', key: 'x' },
          c: { file: 'views.mat', variable: 'X{1}' },
        },
        labels: { file: { path: 'views.mat', variable: 'Y' } },
        split,
        standardize: 'none',
      },
      root,
    );
    expect(data.modalities.map(({ shape }) => shape)).toEqual([[2], [1], [2]]);
    expect(data.classes).toEqual(['1', '2']);
    expect(data.splits.test.labels).toEqual(Int32Array.from([1, 1]));
    expect(await data.splits.test.read(rows(2))).toEqual({
      a: Float32Array.from([4, 40, 5, 50]),
      b: Float32Array.from([6, 5]),
      c: Float32Array.from([4, 9, 5, 10]),
    });
  });

  it('refuses ranges beyond the file, and a class that train lacks', async () => {
    const one = {
      modalities: { b: { file: 'both.npz', key: 'x' } },
      labels: { file: { path: 'both.npz', key: 'y' } },
    };
    expect((await coded(() => load({ ...one, split: { train: [0, 3], test: [3, 6] } }, root))).code).toBe('EQM_DATA_SPLIT');
    expect((await coded(() => load({ ...one, split: { train: [0, 1], test: [1, 5] } }, root))).message).toContain('class 1');
  });
});

describe('validation', () => {
  const groups = {
    path: 'groups.csv',
    pattern: '^(.*)_\\d+$',
    where: { column: 1, max: 1 },
    sort: { column: 2 },
    labels: 2,
  };

  it('is carved by row, and scaling is fitted on the rest', async () => {
    const data = await load({ ...csv, validation: { fraction: 0.5 } }, root);
    expect([data.splits.train.size, data.splits.validation?.size]).toEqual([2, 2]);
    expect([...data.splits.train.labels].sort()).toEqual([0, 1]);
    const train = (await data.splits.train.read(rows(2)))['text']!;
    expect(train[0]! + train[2]!).toBeCloseTo(0, 6);
  });

  it('is carved by group: filter, stable sort, name by pattern', async () => {
    // groups.csv below the filter, sorted by label: v1_1, v2_8, v1_2, v2_9
    const data = await load({ ...csv, standardize: 'none', groups, validation: { fraction: 0.5, by: 'group' } }, root);
    const validation = (await data.splits.validation!.read(rows(2)))['text']!;
    expect([
      [1, 3],
      [2, 6],
    ]).toContainEqual([validation[0], validation[2]]);
  });

  it('is left to the trainer or a protocol, which know the groups', async () => {
    const data = await load({ ...csv, groups }, root);
    expect(data.splits.train.groups).toEqual(['v1', 'v2', 'v1', 'v2']);
    expect([data.splits.test.groups, data.fitted]).toEqual([undefined, 'scaling (zscore)']);
    expect((await load({ ...csv, standardize: 'none', groups }, root)).fitted).toBeUndefined();
  });

  it('refuses groups that are not aligned with the rows', async () => {
    const by = { validation: { fraction: 0.5, by: 'group' } };
    const misaligned = await coded(() => load({ ...csv, ...by, groups: { ...groups, sort: undefined } }, root));
    expect(misaligned.code).toBe('EQM_DATA_MALFORMED');
    expect(misaligned.message).toContain('not aligned');
    expect((await coded(() => load({ ...csv, ...by, groups: { ...groups, where: undefined } }, root))).message).toContain('5 groups for 4');
    expect((await coded(() => load({ ...csv, ...by, groups: { ...groups, pattern: '^(x.*)' } }, root))).message).toContain('does not fit');
    expect((await coded(() => load({ ...csv, ...by, groups: { ...groups, pattern: '(' } }, root))).code).toBe('EQM_CONFIG_INVALID');
  });
});

describe.skipIf(realData === undefined)('features on the real files (needs EQUIMODAL_DATA)', () => {
  const mosi = {
    modalities: Object.fromEntries(
      ['text', 'audio', 'video'].map((name) => [
        name,
        { train: `mosi/${name}/${name}_train0.csv`, test: `mosi/${name}/${name}_test0.csv` },
      ]),
    ),
    labels: { from: ['text', 'audio', 'video'] },
    groups: {
      path: 'mosi/transcripts.csv',
      pattern: '^(.*)_\\d+$',
      where: { column: 2, max: 62 },
      sort: { column: 3, descending: true },
      labels: 3,
    },
    validation: { fraction: 0.15, by: 'group' },
  };

  it('CMU-MOSI has 1447 and 752 rows of 100, 73 and 100 features', async () => {
    const whole = await load({ ...mosi, validation: undefined }, realData);
    expect([whole.splits.train.size, whole.splits.test.size]).toEqual([1447, 752]);
    expect(whole.modalities.map(({ shape }) => shape)).toEqual([[100], [73], [100]]);
    const carved = await load(mosi, realData);
    const size = carved.splits.validation!.size;
    expect(carved.splits.train.size + size).toBe(1447);
    expect(Math.abs(size - 217)).toBeLessThan(64);
  });

  it('the Wikipedia set has 2173 and 693 rows of 128 and 10 features', async () => {
    const data = await load(
      {
        modalities: {
          image: { file: 'multiview/Wiki_fea.mat', variable: 'X{1}' },
          text: { file: 'multiview/Wiki_fea.mat', variable: 'X{2}' },
        },
        labels: { file: { path: 'multiview/Wiki_fea.mat', variable: 'Y' } },
        split: { train: [0, 2173], test: [2173, 2866] },
        validation: { fraction: 0.15 },
      },
      realData,
    );
    expect(data.splits.train.size + data.splits.validation!.size).toBe(2173);
    expect(data.splits.test.size).toBe(693);
    expect(data.modalities.map(({ shape }) => shape)).toEqual([[128], [10]]);
    expect(data.classes).toHaveLength(10);
  });
});
