import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coded, realData, survives } from '../data-root.fixture.js';
import { damaged, Encoder, MatEncoder } from './encode.fixture.js';
import { matNumeric, parseMat, readMat } from './mat.js';

const DOUBLE = 6;
const UINT8 = 9;

describe.each([
  ['little', true],
  ['big', false],
] as const)('mat, %s-endian', (_, little) => {
  const mat = new MatEncoder(little);
  const doubles = mat.matrix(DOUBLE, 'features', [2, 3], mat.element(9, mat.numbers(8, [1, 4, 2, 5, 3, 6], true)));

  it('reads numeric arrays as row-major, plain and compressed', () => {
    for (const element of [doubles, mat.compressed(doubles)]) {
      const variables = parseMat(mat.file(element), 'a.mat');
      expect(matNumeric(variables, 'features', 'a.mat')).toEqual({
        shape: [2, 3],
        data: Float64Array.from([1, 2, 3, 4, 5, 6]),
      });
    }
  });

  it('reads small elements and numbers stored in a smaller type', () => {
    const labels = mat.matrix(UINT8, 'y', [1, 3], mat.small(2, Uint8Array.from([1, 2, 3])));
    const packed = mat.matrix(DOUBLE, 'x', [2, 1], mat.element(3, mat.numbers(2, [0xfffe, 7])));
    const variables = parseMat(mat.file(labels, packed), 'a.mat');
    expect(matNumeric(variables, 'y', 'a.mat').data).toEqual(Uint8Array.from([1, 2, 3]));
    expect(matNumeric(variables, 'x', 'a.mat').data).toEqual(Float64Array.from([-2, 7]));
  });

  it('reads cells and text', () => {
    const inner = [
      mat.matrix(DOUBLE, '', [1, 1], mat.element(9, mat.numbers(8, [2.5], true))),
      mat.matrix(4, '', [1, 3], mat.element(16, new Encoder().text('abc').done())),
      mat.element(14, new Uint8Array(0)),
    ];
    const cell = mat.matrix(1, 'X', [1, 3], new Encoder().raw(inner[0]!).raw(inner[1]!).raw(inner[2]!).done());
    const variables = parseMat(mat.file(mat.compressed(cell)), 'a.mat');
    expect(Array.from(matNumeric(variables, 'X{1}', 'a').data)).toEqual([2.5]);
    const value = variables.get('X');
    expect(value?.kind === 'cell' && value.cells[1]).toEqual({ kind: 'text', shape: [1, 3], rows: ['abc'] });
    expect(matNumeric(variables, 'X{3}', 'a').shape).toEqual([0, 0]);
  });

  it('survives damaged files', () => {
    const file = mat.file(doubles, mat.compressed(doubles), mat.matrix(1, 'X', [1, 1], doubles));
    fc.assert(
      fc.property(damaged(file), (input) => survives(() => parseMat(input, 'a'))),
      { numRuns: 400 },
    );
  });
});

describe('mat errors', () => {
  const mat = new MatEncoder();
  const file = mat.file(
    mat.matrix(UINT8, 'labels', [1, 1], mat.small(2, Uint8Array.from([1]))),
    mat.matrix(2, 'info', [1, 1], new Uint8Array(0)),
    mat.matrix(1, 'X', [1, 1], mat.matrix(UINT8, '', [1, 1], mat.small(2, Uint8Array.from([5])))),
  );
  const variables = parseMat(file, 'a.mat');

  it.each([
    ['label', 'did you mean "labels"'],
    ['info', 'a struct'],
    ['X', 'choose one with "X{1}"'],
    ['X{2}', 'there is no cell 2'],
    ['labels{1}', 'not a cell array'],
  ])('explains what is wrong with %s', async (path, message) => {
    const error = await coded(() => matNumeric(variables, path, 'a.mat'));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
    expect(error.message).toContain(message);
  });

  it('refuses the HDF5 level, other files and truncated ones', async () => {
    const hdf5 = new Encoder().text('MATLAB 7.3 MAT-file'.padEnd(116)).raw(new Uint8Array(8)).number(2, 0x0200).text('IM').done();
    expect((await coded(() => parseMat(hdf5, 'a.mat'))).message).toContain('7.3');
    expect((await coded(() => parseMat(new Uint8Array(200), 'a.mat'))).where).toBe('a.mat, byte 126');
    expect((await coded(() => parseMat(file.slice(0, 150), 'a.mat'))).code).toBe('EQM_DATA_MALFORMED');
  });

  it('refuses a shape that its elements do not fill', async () => {
    const wrong = mat.matrix(DOUBLE, 'x', [0x7fffffff, 0x7fffffff], mat.element(9, mat.numbers(8, [1], true)));
    expect((await coded(() => parseMat(mat.file(wrong), 'a.mat'))).code).toBe('EQM_DATA_MALFORMED');
  });

  it.skipIf(realData === undefined)('reads the Wikipedia and handwritten files (needs EQUIMODAL_DATA)', () => {
    const path = join(realData!, 'multiview/Wiki_fea.mat');
    const wiki = readMat(path);
    expect(matNumeric(wiki, 'X{1}', path).shape).toEqual([2866, 128]);
    expect(matNumeric(wiki, 'X{2}', path).shape).toEqual([2866, 10]);
    expect(matNumeric(wiki, 'X{1}', path).data[0]).toBeCloseTo(0.03732304, 8);
    expect(matNumeric(wiki, 'X{2}', path).data[11]).toBeCloseTo(0.03552763, 8);
    expect(Array.from(matNumeric(wiki, 'Y', path).data.slice(0, 6))).toEqual([6, 9, 3, 9, 10, 2]);
    const digits = readMat(join(realData!, 'multiview/handwritten_6views.mat'));
    expect(matNumeric(digits, 'x3_train', 'h').shape).toEqual([1600, 216]);
    expect(matNumeric(digits, 'gt_test', 'h').shape).toEqual([400, 1]);
  });
});
