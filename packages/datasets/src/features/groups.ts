import { EquimodalError } from '@equimodal/core';
import { malformed } from '../readers/bytes.js';
import { readCsv } from '../readers/csv.js';
import type { GroupOptions } from './options.js';

/**
 * Group of each training row, read from a table: filter, stable sort, then the group's name by column and pattern.
 *
 * @param labels raw labels of the training rows
 * @param range training rows, where the table lists the rows of a single-file dataset
 * @throws EQM_DATA_MALFORMED when the number of rows or the labels differ from the training rows, or a name does not fit the pattern.
 */
export function readGroups(options: GroupOptions, file: string, labels: Float64Array, range?: readonly [number, number]): string[] {
  const table = readCsv(file, { header: options.header });
  const first = table.header === undefined ? 1 : 2;
  let rows = table.rows.map((cells, i) => ({ cells, line: i + first }));
  const width = table.rows[0]!.length;
  for (const column of [options.column, options.where?.column, options.sort?.column, options.labels]) {
    if (column !== undefined && column >= width) {
      throw new EquimodalError('EQM_CONFIG_INVALID', `column ${column} of a table that has ${width} (counted from 0)`, { where: file });
    }
  }
  const number = (row: (typeof rows)[number], column: number): number => {
    const text = row.cells[column]!.trim();
    const value = Number(text);
    if (text === '' || Number.isNaN(value)) throw malformed(file, `row ${row.line}, column ${column + 1}`, `"${text}" is not a number`);
    return value;
  };
  const { where, sort } = options;
  if (where !== undefined) {
    rows = rows.filter((row) => {
      const value = number(row, where.column);
      return value >= (where.min ?? -Infinity) && value <= (where.max ?? Infinity);
    });
  }
  if (sort !== undefined) {
    const direction = sort.descending ? -1 : 1;
    rows.sort((a, b) => direction * (number(a, sort.column) - number(b, sort.column)));
  }
  if (range !== undefined) rows = rows.slice(range[0], range[1]);
  if (rows.length !== labels.length) throw malformed(file, '', `there are ${rows.length} groups for ${labels.length} training rows`);
  if (options.labels !== undefined) {
    const column = options.labels;
    const wrong = rows.findIndex((row, i) => number(row, column) !== labels[i]);
    if (wrong >= 0)
      throw malformed(
        file,
        `row ${rows[wrong]!.line}`,
        `the groups are not aligned: label ${rows[wrong]!.cells[column]} here, ${labels[wrong]} in training row ${wrong + 1}`,
      );
  }
  const pattern = compile(options.pattern);
  return rows.map(({ cells, line }) => {
    const name = cells[options.column]!;
    if (pattern === undefined) return name;
    const match = pattern.exec(name);
    if (match === null) throw malformed(file, `row ${line}`, `"${name.slice(0, 60)}" does not fit the pattern ${options.pattern}`);
    return match[1] ?? match[0];
  });
}

function compile(pattern: string | undefined): RegExp | undefined {
  if (pattern === undefined) return undefined;
  try {
    return new RegExp(pattern);
  } catch (cause) {
    throw new EquimodalError('EQM_CONFIG_INVALID', `"${pattern}" is not a regular expression`, {
      where: 'dataset.groups.pattern',
      cause,
    });
  }
}
