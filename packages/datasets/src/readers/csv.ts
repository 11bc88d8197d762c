import { messageOf } from '@equimodal/core';
import { parse, type CsvError } from 'csv-parse/sync';
import { malformed, readBytes, type NdArray } from './bytes.js';
import { decodeText } from './text.js';

export interface CsvOptions {
  /** The first row holds column names. Default false. */
  readonly header?: boolean;
  /** Default `,`; a tab for files named .tsv. */
  readonly delimiter?: string;
  /** Cells may stand in double quotes. Default true; false where quotes are part of the text, as in lists of tweets. */
  readonly quoting?: boolean;
}

/** Text cells; every row has the same number of them. */
export interface CsvTable {
  readonly file: string;
  /** Column names, where the file has a header. */
  readonly header: readonly string[] | undefined;
  readonly rows: readonly (readonly string[])[];
}

/**
 * Parses comma-separated text (UTF-8, optional byte-order mark, quoted cells, LF or CRLF). Empty lines are skipped.
 *
 * @throws EQM_DATA_MALFORMED naming the row: unequal rows, an open quote, text that is not UTF-8, no rows.
 */
export function parseCsv(bytes: Uint8Array, file: string, { header = false, delimiter = ',', quoting = true }: CsvOptions = {}): CsvTable {
  const records = splitRecords(bytes, file, delimiter, quoting);
  const first = records[0];
  if (first === undefined) throw malformed(file, 'row 1', 'the file has no rows');
  records.forEach((record, i) => {
    if (record.length !== first.length)
      throw malformed(file, `row ${i + 1}`, `unequal rows: this row has ${record.length} columns, row 1 has ${first.length}`);
  });
  const rows = header ? records.slice(1) : records;
  if (rows.length === 0) throw malformed(file, 'row 2', 'the file has a header but no rows');
  return { file, header: header ? first : undefined, rows };
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export function readCsv(path: string, options: CsvOptions = {}): CsvTable {
  const delimiter = options.delimiter ?? (/\.tsv$/i.test(path) ? '\t' : ',');
  return parseCsv(readBytes(path), path, { ...options, delimiter });
}

/**
 * The cells as numbers, [rows, columns].
 *
 * @throws EQM_DATA_MALFORMED naming row and column of a cell that is not a number ("nan" and "inf" are read as such).
 */
export function csvNumbers({ file, rows, header }: CsvTable): NdArray {
  const columns = rows[0]!.length;
  const data = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => {
    row.forEach((cell, j) => {
      const value = toNumber(cell);
      if (value === undefined) {
        throw malformed(file, `row ${i + 1 + (header === undefined ? 0 : 1)}, column ${j + 1}`, `"${cell.slice(0, 40)}" is not a number`);
      }
      data[i * columns + j] = value;
    });
  });
  return { shape: [rows.length, columns], data };
}

const SPECIAL: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
};
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function toNumber(cell: string): number | undefined {
  const text = cell.trim();
  return NUMBER.test(text) ? Number(text) : SPECIAL[text.toLowerCase()];
}

function splitRecords(bytes: Uint8Array, file: string, delimiter: string, quoting: boolean): string[][] {
  const text = decodeText(bytes, file);
  if (!quoting) return text.split(/\r?\n/).flatMap((line) => (line === '' ? [] : [line.split(delimiter)]));
  try {
    return parse(text, { delimiter, relax_column_count: true, skip_empty_lines: true });
  } catch (cause) {
    const line = (cause as Partial<CsvError> & { lines?: number }).lines;
    throw malformed(file, line === undefined ? '' : `line ${line}`, messageOf(cause), cause);
  }
}
