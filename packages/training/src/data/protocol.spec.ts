import { EquimodalError, type LoadedDataset, type Protocol, type Split } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { applyProtocol } from './protocol.js';
import { PooledSplit } from './subset.js';
import { summarizeDataset } from './summary.js';

/** Rows from `first` on; the only modality is the row's number, the class its parity. */
function split(first: number, size: number, groups = false): Split {
  const numbers = Array.from({ length: size }, (_, i) => first + i);
  return {
    size,
    labels: Int32Array.from(numbers, (n) => n % 2),
    ids: numbers.map((n) => `row ${n}`),
    ...(groups ? { groups: numbers.map((n) => `speaker ${n % 5}`) } : {}),
    read: (rows) => ({ x: Float32Array.from(rows, (row) => numbers[row]!) }),
  };
}
const dataset = (options: { groups?: boolean; validation?: boolean; fitted?: string } = {}): LoadedDataset => ({
  classes: ['even', 'odd'],
  modalities: [{ name: 'x', kind: 'vector', shape: [1] }],
  splits: {
    train: split(0, 40, options.groups),
    test: split(40, 20, options.groups),
    ...(options.validation === true ? { validation: split(60, 10, options.groups) } : {}),
  },
  fingerprint: 'f',
  notes: ['own note'],
  ...(options.fitted === undefined ? {} : { fitted: options.fitted }),
});
const kFold = (options: object = {}): Protocol => ({ use: 'k-fold', folds: 5, fold: 0, pool: 'all', by: 'auto', seed: 0, ...options });
const published = (options: object = {}): Protocol => ({ use: 'published', by: 'auto', seed: 0, ...options });
const numbersOf = async (part: Split | undefined): Promise<number[]> =>
  part === undefined ? [] : [...(await part.read(Int32Array.from({ length: part.size }, (_, i) => i)))['x']!];
const refused = (act: () => unknown): EquimodalError => {
  try {
    act();
  } catch (error) {
    if (error instanceof EquimodalError) return error;
    throw error;
  }
  expect.unreachable('expected an error');
};

describe('published', () => {
  it('leaves a dataset as it is', () => {
    const own = dataset();
    expect(applyProtocol(own, undefined)).toBe(own);
    expect(applyProtocol(own, published())).toBe(own);
  });

  it('cuts a validation split off that no seed of a run changes: by class, or by group where there are groups', async () => {
    const cut = applyProtocol(dataset(), published({ validation: 0.25 }));
    const validation = await numbersOf(cut.splits.validation);
    expect(validation.filter((n) => n % 2 === 0)).toHaveLength(5);
    expect([...(await numbersOf(cut.splits.train)), ...validation].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(await numbersOf(applyProtocol(dataset(), published({ validation: 0.25 })).splits.validation)).toEqual(validation);
    expect(await numbersOf(applyProtocol(dataset(), published({ validation: 0.25, seed: 1 })).splits.validation)).not.toEqual(validation);

    const { splits } = applyProtocol(dataset({ groups: true }), published({ validation: 0.2 }));
    expect(new Set(splits.validation!.groups).size).toBe(1);
    expect(splits.train.groups!.some((group) => splits.validation!.groups!.includes(group))).toBe(false);
    const byClass = applyProtocol(dataset({ groups: true }), published({ validation: 0.2, by: 'class' })).splits;
    expect([byClass.validation!.groups, byClass.train.groups]).toEqual([undefined, undefined]);
  });

  it('refuses a second validation split, and groups that are not there', () => {
    const twice = refused(() => applyProtocol(dataset({ validation: true }), published({ validation: 0.1 })));
    expect([twice.code, twice.where]).toEqual(['EQM_DATA_SPLIT', 'dataset.protocol.validation']);
    expect(refused(() => applyProtocol(dataset(), published({ by: 'group' }))).where).toBe('dataset.protocol.by');
  });

  it('tells the trainer to cut by class where it is asked to, as another dataset', () => {
    const byClass = applyProtocol(dataset({ groups: true }), published({ by: 'class' }));
    expect(byClass.splits.train.groups).toBeUndefined();
    expect(byClass.fingerprint).not.toBe('f');
  });
});

describe('k-fold', () => {
  it('tests every row once over the folds and never trains on what it tests', async () => {
    const tested: number[] = [];
    for (let fold = 0; fold < 5; fold++) {
      const { splits } = applyProtocol(dataset({ validation: true }), kFold({ fold, validation: 0.2 }));
      const parts = await Promise.all([splits.train, splits.validation, splits.test].map(numbersOf));
      expect(parts.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 70 }, (_, i) => i));
      expect(parts[2]!.filter((n) => n % 2 === 0)).toHaveLength(7);
      tested.push(...parts[2]!);
    }
    expect(tested.sort((a, b) => a - b)).toEqual(Array.from({ length: 70 }, (_, i) => i));
  });

  it('keeps groups whole: five speakers in five folds are left out one by one', () => {
    const out = Array.from({ length: 5 }, (_, fold) => applyProtocol(dataset({ groups: true }), kFold({ fold })).splits);
    for (const { train, test } of out) {
      expect(new Set(test.groups).size).toBe(1);
      expect(train.groups!.includes(test.groups![0]!)).toBe(false);
    }
    expect(new Set(out.map(({ test }) => test.groups![0])).size).toBe(5);
    const error = refused(() => applyProtocol(dataset({ groups: true }), kFold({ folds: 7, fold: 6 })));
    expect([error.code, error.fix.includes('5 groups')]).toEqual(['EQM_DATA_SPLIT', true]);
  });

  it('can part the training split alone; the published test rows are then in no part', async () => {
    const { splits } = applyProtocol(dataset(), kFold({ pool: 'train' }));
    expect([...(await numbersOf(splits.train)), ...(await numbersOf(splits.test))].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, i) => i),
    );
  });

  it('says what it did, and what was fitted on rows that are tested now; every fold has a fingerprint and a hash of its own', () => {
    const [one, two] = [kFold(), kFold({ fold: 1 })].map((protocol) => applyProtocol(dataset({ fitted: 'scaling' }), protocol));
    expect(one!.notes).toHaveLength(3);
    expect(one!.notes![2]).toContain('scaling was fitted');
    expect(one!.fingerprint).not.toBe(two!.fingerprint);
    expect(summarizeDataset(one!).splitHash).not.toBe(summarizeDataset(two!).splitHash);
  });
});

describe('PooledSplit', () => {
  it('reads rows of several splits in the order asked, with groups where all have them', async () => {
    const pool = new PooledSplit([split(0, 3), split(10, 2), split(20, 4)]);
    expect([...(await pool.read(Int32Array.from([8, 0, 3, 4, 1, 5])))['x']!]).toEqual([23, 0, 10, 11, 1, 20]);
    expect(pool.ids![3]).toBe('row 10');
    expect(pool.groups).toBeUndefined();
    expect(new PooledSplit([split(0, 3, true), split(3, 3, true)]).groups).toHaveLength(6);
  });
});

describe('summarizeDataset', () => {
  it('counts rows, classes and groups, and its hash depends on rows, labels and parts only', () => {
    const { splits, splitHash } = summarizeDataset(dataset({ groups: true }));
    expect(splits).toEqual({
      train: { rows: 40, counts: { even: 20, odd: 20 }, groups: 5 },
      test: { rows: 20, counts: { even: 10, odd: 10 }, groups: 5 },
    });
    expect(summarizeDataset({ ...dataset(), fingerprint: 'other arrays' }).splitHash).toBe(splitHash);
    expect(summarizeDataset(dataset({ validation: true })).splitHash).not.toBe(splitHash);
    const { ids: _ids, ...anonymous } = split(0, 40);
    const without = (fingerprint: string): string =>
      summarizeDataset({ ...dataset(), fingerprint, splits: { train: anonymous, test: anonymous } }).splitHash;
    expect(without('a')).not.toBe(without('b'));
  });
});
