import { EquimodalError, type LoadedDataset, type Split } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { errorOfReport, inspectDataset } from './inspect.js';

type Values = (row: number, modality: string) => number[];
function split(labels: number[], values: Values, more: Partial<Split> = {}): Split {
  return {
    size: labels.length,
    labels: Int32Array.from(labels),
    read: (rows, _random, modalities = ['x', 'words']) =>
      Object.fromEntries(
        modalities.map((name) => {
          const all = [...rows].flatMap((row) => values(row, name));
          return [name, name === 'words' ? Int32Array.from(all) : Float32Array.from(all)];
        }),
      ),
    ...more,
  };
}
const plain: Values = (row, modality) => (modality === 'words' ? [row + 1, 7, 0] : [row, -row]);
const dataset = (splits: Partial<LoadedDataset['splits']> = {}): LoadedDataset => ({
  classes: ['a', 'b'],
  modalities: [
    { name: 'x', kind: 'vector', shape: [2] },
    { name: 'words', kind: 'tokens', shape: [3] },
  ],
  splits: { train: split([0, 1, 0, 1], plain), test: split([1, 0], plain), ...splits },
  fingerprint: 'f',
  notes: ['3 rows dropped: no image'],
});

describe('inspectDataset', () => {
  it('counts rows and classes, and says what the values of each modality are', async () => {
    const report = await inspectDataset(dataset(), { batchSize: 3 });
    expect(report).toMatchObject({ problemCount: 0, problems: [], warnings: [], notes: ['3 rows dropped: no image'] });
    expect(report.splits['train']).toEqual({ rows: 4, counts: { a: 2, b: 2 }, groups: null });
    const { x, words } = report.statistics['train']!;
    // 0 0 1 -1 2 -2 3 -3: mean 0, mean square 28 / 8
    expect(x).toMatchObject({ rows: 4, zeroRows: 1, minimum: -3, maximum: 3, length: null });
    expect(x!.mean).toBeCloseTo(0, 12);
    expect(x!.deviation).toBeCloseTo(Math.sqrt(3.5), 12);
    expect(words!.length).toEqual({ mean: 2, longest: 2, full: 0 });
    expect(errorOfReport(report)).toBeUndefined();
  });

  it('names the rows and files that cannot be read, after reading all others', async () => {
    const broken = split(
      [0, 1, 0, 1],
      (row, modality) => {
        if (row === 2 && modality === 'x') throw new EquimodalError('EQM_DATA_MALFORMED', 'truncated', { where: 'clip-2.wav, byte 44' });
        return plain(row, modality);
      },
      { ids: ['clip-0', 'clip-1', 'clip-2', 'clip-3'] },
    );
    const report = await inspectDataset(dataset({ train: broken }));
    expect(report.problems).toEqual([
      { code: 'EQM_DATA_MALFORMED', where: 'clip-2.wav, byte 44', message: 'truncated (train, row 2 (clip-2))' },
    ]);
    expect(report.statistics['train']!['x']!.rows).toBe(3);
    expect(report.statistics['train']!['words']!.rows).toBe(4);
    expect(errorOfReport(report)!.format()).toContain('clip-2.wav');
  });

  it('finds values that are not finite, and keeps ten problems of many', async () => {
    const nan = split(
      Array.from({ length: 30 }, (_, row) => row % 2),
      (row, modality) => (modality === 'x' ? [NaN, row] : [1, 1, 1]),
    );
    const report = await inspectDataset(dataset({ train: nan }));
    expect([report.problemCount, report.problems.length]).toEqual([30, 10]);
    expect(report.problems[0]!.message).toContain('1 of 2 values are not finite');
    expect(errorOfReport(report)!.message).toContain('30 problems; the first 10');
    expect((await inspectDataset(dataset({ train: nan }), { limit: 4 })).problemCount).toBe(4);
  });

  it('refuses classes without training rows and labels beyond the classes; warns of classes without test rows', async () => {
    const report = await inspectDataset(dataset({ train: split([1, 1], plain), test: split([0, 5], plain) }));
    expect(report.problems.map(({ code }) => code)).toEqual(['EQM_DATA_SPLIT', 'EQM_DATA_MALFORMED']);
    expect(report.warnings).toEqual(['no test rows of class b']);
  });

  it('warns of rows and groups that are in two splits', async () => {
    const names = (ids: string[], groups: string[]): Split => split([0, 1], plain, { ids, groups });
    const report = await inspectDataset(dataset({ train: names(['p', 'q'], ['v', 'v']), test: names(['q', 'r'], ['v', 'w']) }));
    expect(report.warnings).toEqual(['1 rows are in train and in test, e.g. q', '1 groups are in train and in test, e.g. v']);
  });

  it('does not blame rows for a decoder that is not installed, nor for a defect', async () => {
    const failing = (error: Error): Split =>
      split([0, 1], () => {
        throw error;
      });
    const decoder = new EquimodalError('EQM_DATA_DECODER', 'install it');
    await expect(inspectDataset(dataset({ train: failing(decoder) }))).rejects.toBe(decoder);
    const defect = new TypeError('x is not a function');
    await expect(inspectDataset(dataset({ train: failing(defect) }))).rejects.toBe(defect);
  });
});
