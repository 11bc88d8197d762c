import { strToU8, zipSync } from 'fflate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coded, survives } from '../data-root.fixture.js';
import { damaged, Encoder, encodeNpy } from './encode.fixture.js';
import { parseNpy, parseNpz } from './npy.js';

function body(values: readonly number[], width: 1 | 2 | 4 | 8, { little = true, float = false } = {}): Uint8Array {
  const out = new Encoder(little);
  for (const value of values) out.number(width, value, float);
  return out.done();
}

describe('npy', () => {
  it.each([
    ['|u1', 1, false],
    ['<i2', 2, false],
    ['>i2', 2, false],
    ['<i4', 4, false],
    ['>i4', 4, false],
    ['<i8', 8, false],
    ['>i8', 8, false],
    ['<f4', 4, true],
    ['>f4', 4, true],
    ['<f8', 8, true],
    ['>f8', 8, true],
  ] as const)('reads %s', (descr, width, float) => {
    const values = [0, 1, 100, 7, 5, 6];
    for (const version of [1, 2, 3]) {
      const array = parseNpy(
        encodeNpy(descr, [2, 3], body(values, width, { little: !descr.startsWith('>'), float }), { version }),
        'a.npy',
      );
      expect(array.shape).toEqual([2, 3]);
      expect(Array.from(array.data)).toEqual(values);
    }
  });

  it('reads negative integers and booleans', () => {
    expect(Array.from(parseNpy(encodeNpy('<i8', [1], body([-3], 8)), 'a').data)).toEqual([-3]);
    expect(Array.from(parseNpy(encodeNpy('|b1', [2], body([1, 0], 1)), 'a').data)).toEqual([1, 0]);
  });

  it('reads half precision', () => {
    const halves = body([0x3c00, 0xc000, 0x7bff, 0x0001, 0xfc00], 2);
    expect(Array.from(parseNpy(encodeNpy('<f2', [5], halves), 'a').data)).toEqual([1, -2, 65504, 2 ** -24, -Infinity]);
  });

  it('turns Fortran order into row-major', () => {
    const columnMajor = body([1, 4, 2, 5, 3, 6], 4, { float: true });
    expect(Array.from(parseNpy(encodeNpy('<f4', [2, 3], columnMajor, { fortran: true }), 'a').data)).toEqual([1, 2, 3, 4, 5, 6]);
    const cube = Array.from({ length: 24 }, (_, i) => i);
    const array = parseNpy(encodeNpy('|u1', [2, 3, 4], body(cube, 1), { fortran: true }), 'a');
    // element [i, j, k] of a column-major array lies at i + 2 j + 6 k
    expect(array.data[1 * 12 + 2 * 4 + 3]).toBe(1 + 2 * 2 + 6 * 3);
    expect(array.data[0 * 12 + 1 * 4 + 2]).toBe(0 + 2 * 1 + 6 * 2);
  });

  it('reads scalars and empty arrays', () => {
    expect(parseNpy(encodeNpy('<f8', [], body([2.5], 8, { float: true })), 'a')).toEqual({
      shape: [],
      data: Float64Array.from([2.5]),
    });
    expect(parseNpy(encodeNpy('<f8', [0, 3], new Uint8Array(0)), 'a').data).toHaveLength(0);
  });

  it.each(['|O', '<f16', '<c8', '<U3'])('refuses element type %s', async (descr) => {
    expect((await coded(() => parseNpy(encodeNpy(descr, [1], new Uint8Array(64)), 'a'))).code).toBe('EQM_DATA_MALFORMED');
  });

  it('refuses a shape that the file cannot hold, without allocating it', async () => {
    const error = await coded(() => parseNpy(encodeNpy('<f8', [4_000_000_000, 1000], body([1], 8)), 'big.npy'));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
    expect(error.where).toContain('big.npy, byte');
  });

  it('refuses 64-bit integers that a double cannot hold', async () => {
    const bytes = encodeNpy('<i8', [1], new Uint8Array(BigInt64Array.from([2n ** 60n + 1n]).buffer));
    expect((await coded(() => parseNpy(bytes, 'a'))).message).toContain('1152921504606846977');
  });

  it('survives damaged files', () => {
    const bytes = encodeNpy('<f4', [2, 3], body([1, 2, 3, 4, 5, 6], 4, { float: true }), { fortran: true });
    fc.assert(
      fc.property(damaged(bytes), (input) => survives(() => parseNpy(input, 'a'))),
      { numRuns: 300 },
    );
  });
});

describe('npz', () => {
  const x = encodeNpy('|u1', [2], Uint8Array.from([3, 4]));
  const y = encodeNpy('|u1', [1], Uint8Array.from([9]));

  it('reads an array by key, stored or compressed, and the only one without', () => {
    for (const level of [0, 9] as const) {
      const both = zipSync({ 'x.npy': x, 'y.npy': y, 'readme.txt': strToU8('hi') }, { level });
      expect(Array.from(parseNpz(both, 'a.npz', 'x').data)).toEqual([3, 4]);
      expect(Array.from(parseNpz(zipSync({ 'y.npy': y }, { level }), 'a.npz').data)).toEqual([9]);
    }
  });

  it('asks for a key where there are several arrays, and names the nearest to a wrong one', async () => {
    const both = zipSync({ 'features.npy': x, 'labels.npy': y });
    expect((await coded(() => parseNpz(both, 'a.npz'))).message).toContain('features, labels');
    expect((await coded(() => parseNpz(both, 'a.npz', 'label'))).message).toContain('did you mean "labels"');
  });

  it('refuses an entry that claims more than deflate can give', async () => {
    const zip = zipSync({ 'x.npy': x }, { level: 9 });
    const view = new DataView(zip.buffer, zip.byteOffset);
    const directory = zip.length - 22 - 46 - 'x.npy'.length;
    expect(view.getUint32(directory, true)).toBe(0x02014b50);
    view.setUint32(directory + 24, 0x7fffffff, true);
    expect((await coded(() => parseNpz(zip, 'a.npz', 'x'))).message).toContain('claims');
  });

  it('survives damaged files', () => {
    fc.assert(
      fc.property(damaged(zipSync({ 'x.npy': x, 'y.npy': y })), (input) => survives(() => parseNpz(input, 'a', 'x'))),
      { numRuns: 300 },
    );
  });
});
