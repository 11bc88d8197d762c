import { EquimodalError } from '@equimodal/core';
import { malformed } from '../readers/bytes.js';
import { columnIndex, columnOf, readTable, selectRows, splitColumn, type Table } from './tables.js';
import type { FeaturesOptions } from './options.js';

export const SPLITS = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof SPLITS)[number];

/** Feature tables and raw label values of one split. */
export interface RawSplit {
  readonly tables: Readonly<Record<string, Table>>;
  readonly labels: Float64Array;
  readonly labelFile: string;
}

/** Reads every file of the options, once, and cuts it into splits. */
export async function readSplits(options: FeaturesOptions, root: () => string): Promise<Partial<Record<SplitName, RawSplit>>> {
  const cache = new Map<string, Table>();
  const load = async (
    source: Parameters<typeof readTable>[0],
    details: Parameters<typeof readTable>[1],
    rows?: readonly [number, number],
  ): Promise<Table> => {
    const id = JSON.stringify([source, details]);
    const table = cache.get(id) ?? (await readTable(source, details, root));
    cache.set(id, table);
    return rows === undefined ? table : selectRows(table, rows);
  };
  const splits: Partial<Record<SplitName, RawSplit>> = {};
  for (const name of SPLITS) {
    const rows = options.split?.[name];
    const present =
      options.split === undefined
        ? Object.values(options.modalities).every((modality) => modality[name] !== undefined)
        : rows !== undefined;
    if (!present) continue;
    const tables: Record<string, Table> = {};
    for (const [modality, { train, validation, test, file, ...details }] of Object.entries(options.modalities)) {
      tables[modality] = await load(file ?? { train, validation, test }[name]!, details, rows);
    }
    const { labels } = options;
    const split =
      'from' in labels
        ? fromColumns(tables, [labels.from].flat(), labels.column)
        : fromFile(tables, await load(labelSource(labels, name), { header: labels.header }, rows), labels.column);
    checkRows(split, name);
    splits[name] = split;
  }
  return splits;
}

function labelSource(labels: Exclude<FeaturesOptions['labels'], { from: unknown }>, name: SplitName): Parameters<typeof readTable>[0] {
  const source = labels.file ?? labels[name];
  if (source === undefined)
    throw new EquimodalError('EQM_CONFIG_INVALID', `the data have a ${name} split, "labels" has no "${name}"`, { where: 'dataset.labels' });
  return source;
}

function fromFile(tables: Record<string, Table>, table: Table, column: 'last' | number): RawSplit {
  const upright = table.rows === 1 && table.columns > 1 ? { ...table, rows: table.columns, columns: 1 } : table;
  return { tables, labels: columnOf(upright, columnIndex(upright, column)), labelFile: table.file };
}

/** Takes the label column out of the named modalities and checks that they agree. */
function fromColumns(tables: Record<string, Table>, names: readonly string[], column: 'last' | number): RawSplit {
  const rest = { ...tables };
  let first: { labels: Float64Array; file: string } | undefined;
  for (const name of names) {
    const taken = splitColumn(tables[name]!, column);
    rest[name] = taken.rest;
    const { file } = tables[name]!;
    if (first === undefined) {
      first = { labels: taken.values, file };
      continue;
    }
    const { labels } = first;
    if (taken.values.length !== labels.length) throw unequal(first.file, labels.length, file, taken.values.length);
    const row = taken.values.findIndex((value, i) => value !== labels[i]);
    if (row >= 0) {
      throw malformed(
        file,
        `row ${row + 1}`,
        `the modalities disagree on the label: ${taken.values[row]} here, ${labels[row]} in ${first.file}`,
      );
    }
  }
  return { tables: rest, labels: first!.labels, labelFile: first!.file };
}

function checkRows({ tables, labels, labelFile }: RawSplit, split: SplitName): void {
  const list = Object.values(tables);
  for (const table of list) if (table.rows !== list[0]!.rows) throw unequal(list[0]!.file, list[0]!.rows, table.file, table.rows, split);
  if (labels.length !== list[0]!.rows) throw unequal(list[0]!.file, list[0]!.rows, labelFile, labels.length, split);
}

function unequal(a: string, rowsA: number, b: string, rowsB: number, split?: SplitName): EquimodalError {
  return new EquimodalError(
    'EQM_DATA_MALFORMED',
    `unequal rows${split === undefined ? '' : ` in ${split}`}: ${rowsA} in ${a}, ${rowsB} in ${b}`,
    {
      where: b,
      fix: 'Modalities and labels must be aligned row by row; restore the files from their source.',
    },
  );
}

/**
 * Class indices from raw labels.
 *
 * @throws EQM_DATA_MALFORMED for a label that is not a whole number at or above the base, EQM_DATA_SPLIT for a class without training rows.
 */
export function classIndices(
  splits: Partial<Record<SplitName, RawSplit>>,
  { base, classes }: Pick<FeaturesOptions, 'base' | 'classes'>,
): { labels: Partial<Record<SplitName, Int32Array>>; classes: readonly string[] } {
  let smallest = Infinity;
  let largest = -Infinity;
  let rows = 0;
  for (const { labels, labelFile } of SPLITS.flatMap((name) => splits[name] ?? [])) {
    labels.forEach((value, row) => {
      if (!Number.isSafeInteger(value)) throw malformed(labelFile, `row ${row + 1}`, `label ${value} is not a whole number`);
      smallest = Math.min(smallest, value);
      largest = Math.max(largest, value);
    });
    rows += labels.length;
  }
  const start = base === 'auto' ? (smallest === 1 ? 1 : 0) : base;
  const count = classes?.length ?? Math.min(largest - start + 1, rows);
  const labels: Partial<Record<SplitName, Int32Array>> = {};
  for (const name of SPLITS) {
    const split = splits[name];
    if (split === undefined) continue;
    const wrong = split.labels.findIndex((value) => value < start || value >= start + count);
    if (wrong >= 0) {
      throw malformed(
        split.labelFile,
        `row ${wrong + 1}`,
        `label ${split.labels[wrong]} is not one of the ${count} classes from ${start} to ${start + count - 1}`,
      );
    }
    labels[name] = Int32Array.from(split.labels, (value) => value - start);
  }
  const names = classes ?? Array.from({ length: count }, (_, label) => String(label + start));
  const seen = new Set(labels.train);
  const absent = names.filter((_, label) => !seen.has(label));
  if (absent.length > 0)
    throw new EquimodalError('EQM_DATA_SPLIT', `no training row has class ${absent.slice(0, 10).join(', ')}`, {
      where: splits.train?.labelFile ?? 'train',
    });
  return { labels, classes: names };
}
