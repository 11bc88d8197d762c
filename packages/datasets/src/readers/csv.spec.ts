import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coded, survives } from '../data-root.fixture.js';
import { csvNumbers, parseCsv } from './csv.js';
import { damaged } from './encode.fixture.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const numbers = (text: string, header = false) => csvNumbers(parseCsv(bytes(text), 'a.csv', { header }));

describe('csv', () => {
  it('reads quoted numbers, CRLF, a byte-order mark and exponents', () => {
    expect(numbers('\ufeff"1","-2.5e-3"\r\n3,"4."\r\n')).toEqual({
      shape: [2, 2],
      data: Float64Array.from([1, -0.0025, 3, 4]),
    });
    expect(Array.from(numbers('nan,-inf\n').data)).toEqual([NaN, -Infinity]);
  });

  it('keeps names and text', () => {
    const table = parseCsv(bytes('id,"said"\nv_1,"a, ""b"""\n'), 'a.csv', { header: true });
    expect(table.header).toEqual(['id', 'said']);
    expect(table.rows).toEqual([['v_1', 'a, "b"']]);
  });

  it('reads back what was written', () => {
    const cell = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 }), (rows) => {
        const text = rows.map((row) => row.map((value) => `"${value}"`).join(',')).join('\n');
        expect(Array.from(numbers(text).data, (value) => value + 0)).toEqual(rows.flat().map((value) => value + 0));
      }),
    );
  });

  it('takes quotes as text where quoting is off', () => {
    const options = { header: true, delimiter: '\t', quoting: false };
    const table = parseCsv(bytes('\ufeffid\ttext\r\n1\t"open\n2\tsay "a", b\r\n'), 'a.tsv', options);
    expect(table.header).toEqual(['id', 'text']);
    expect(table.rows).toEqual([
      ['1', '"open'],
      ['2', 'say "a", b'],
    ]);
  });

  it('names the row that is longer or shorter than the first', async () => {
    const error = await coded(() => parseCsv(bytes('1,2\n3,4\n5\n'), 'rows.csv'));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
    expect(error.where).toBe('rows.csv, row 3');
    expect(error.message).toContain('1 columns');
  });

  it('names row and column of a cell that is not a number', async () => {
    expect((await coded(() => numbers('a,b\n1,x\n', true))).where).toBe('a.csv, row 2, column 2');
    expect((await coded(() => numbers('1,\n'))).where).toBe('a.csv, row 1, column 2');
    expect((await coded(() => numbers('0x10,1\n'))).where).toBe('a.csv, row 1, column 1');
  });

  it.each(['', '\n\n', '"open', 'a,b'])('refuses %j', async (text) => {
    expect((await coded(() => parseCsv(bytes(text), 'a.csv', { header: true }))).code).toBe('EQM_DATA_MALFORMED');
  });

  it('survives damaged files', () => {
    fc.assert(fc.property(damaged(bytes('"1","2"\n"3","4"\n')), (input) => survives(() => csvNumbers(parseCsv(input, 'a')))));
  });
});
