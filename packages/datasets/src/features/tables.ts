import { isAbsolute, join } from 'node:path';
import { EquimodalError } from '@equimodal/core';
import { readArray } from '../readers/array.js';
import { malformed } from '../readers/bytes.js';
import type { ModalityOptions, Source } from './options.js';

/** Numbers [rows, columns] and the file they came from. */
export interface Table {
  readonly file: string;
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** Which array of an archive, and how a text file is laid out. */
export interface TableDetails {
  readonly key?: string | undefined;
  readonly variable?: string | undefined;
  readonly header?: boolean;
  readonly transpose?: boolean;
  readonly columns?: ModalityOptions['columns'];
}

/** Turns a path of the options into a file: relative ones are below the data root. */
export function resolvePath(path: string, root: () => string): string {
  return isAbsolute(path) ? path : join(root(), path);
}

/**
 * Reads a table by the extension of its file. Arrays of more axes are flattened to [rows, rest]; a vector is one column.
 *
 * @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED
 */
export async function readTable(source: Source, details: TableDetails, root: () => string): Promise<Table> {
  const { path, key = details.key, variable = details.variable } = typeof source === 'string' ? { path: source } : source;
  const file = resolvePath(path, root);
  const array = await readArray(file, { key, variable, header: details.header ?? false });
  const rows = array.shape[0] ?? 1;
  if (array.data.length === 0) throw malformed(file, '', `the table is empty: shape [${array.shape.join(', ')}]`);
  const name = `${file}${key === undefined ? '' : `:${key}`}${variable === undefined ? '' : `:${variable}`}`;
  const table = { file: name, rows, columns: array.data.length / rows, data: Float64Array.from(array.data) };
  const upright = details.transpose === true ? transpose(table) : table;
  return details.columns === undefined ? upright : selectColumns(upright, details.columns);
}

function transpose({ file, rows, columns, data }: Table): Table {
  const out = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j]!;
  return { file, rows: columns, columns: rows, data: out };
}

function selectColumns(table: Table, [from, to]: readonly [number, number]): Table {
  if (from >= to || to > table.columns) {
    throw new EquimodalError('EQM_CONFIG_INVALID', `columns [${from}, ${to}) of a table that has ${table.columns}`, { where: table.file });
  }
  return mapRows(table, to - from, (row, out) => out.set(row.subarray(from, to)));
}

/** Rows [from, to). @throws EQM_DATA_SPLIT when the table has fewer. */
export function selectRows(table: Table, [from, to]: readonly [number, number]): Table {
  if (to > table.rows)
    throw new EquimodalError('EQM_DATA_SPLIT', `the split asks for rows [${from}, ${to}), the table has ${table.rows}`, {
      where: table.file,
    });
  return { ...table, rows: to - from, data: table.data.slice(from * table.columns, to * table.columns) };
}

/** Index of a column; "last" is the last one. @throws EQM_CONFIG_INVALID when there is none. */
export function columnIndex({ file, columns }: Table, column: 'last' | number): number {
  const index = column === 'last' ? columns - 1 : column;
  if (index < columns) return index;
  throw new EquimodalError('EQM_CONFIG_INVALID', `column ${index} of a table that has ${columns} (counted from 0)`, { where: file });
}

/** Takes one column out: its values, and the table without it. */
export function splitColumn(table: Table, column: 'last' | number): { values: Float64Array; rest: Table } {
  const index = columnIndex(table, column);
  if (table.columns < 2) throw malformed(table.file, '', 'the table has one column; without the label no features are left');
  const rest = mapRows(table, table.columns - 1, (row, out) => {
    out.set(row.subarray(0, index));
    out.set(row.subarray(index + 1), index);
  });
  return { values: columnOf(table, index), rest };
}

/** The values of one column. */
export function columnOf({ rows, columns, data }: Table, index: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => data[row * columns + index]!);
}

function mapRows(table: Table, columns: number, fill: (row: Float64Array, out: Float64Array) => void): Table {
  const data = new Float64Array(table.rows * columns);
  for (let row = 0; row < table.rows; row++) {
    fill(table.data.subarray(row * table.columns, (row + 1) * table.columns), data.subarray(row * columns, (row + 1) * columns));
  }
  return { file: table.file, rows: table.rows, columns, data };
}
