import { EquimodalError, suggestion } from '@equimodal/core';
import type { RawSplit } from '../features/labels.js';
import type { Table } from '../features/tables.js';
import { malformed, type NdArray } from '../readers/bytes.js';
import { matNumeric, type MatValue } from '../readers/mat.js';

type Variables = ReadonlyMap<string, MatValue>;
const LABELS = ['Y', 'y', 'gt', 'gnd', 'label', 'labels', 'truth', 'truelabel'];

/** What a file holds: splits of its own, or all rows as one. */
export interface ViewFile {
  readonly whole?: RawSplit;
  readonly train?: RawSplit;
  readonly test?: RawSplit;
  /** Views in the file. */
  readonly views: number;
}

/**
 * Reads views and labels. Two layouts circulate: `x1_train`, `x1_test`, ..., `gt_train`, `gt_test` (TMC's handwritten_6views), and a
 * cell array `X` with one matrix a view beside labels `Y`, `gt` or the like (CUB, Scene-15, Wikipedia, PIE, ...), samples in rows or in
 * columns.
 *
 * @throws EQM_DATA_MALFORMED when the file has neither, or a view's samples are not as many as the labels.
 */
export function readViews(
  variables: Variables,
  file: string,
  {
    views,
    labels,
    orientation,
  }: { views?: readonly number[] | undefined; labels?: string | undefined; orientation: 'auto' | 'rows' | 'columns' },
): ViewFile {
  const parts = [...variables.keys()].filter((name) => /^x\d+_train$/.test(name));
  if (parts.length > 0) {
    const split = (name: 'train' | 'test'): RawSplit => {
      const raw = vector(matNumeric(variables, labels === undefined ? `gt_${name}` : `${labels}_${name}`, file));
      return rawSplit(
        file,
        raw,
        chosen(views, parts.length, file),
        (view) => matNumeric(variables, `x${view}_${name}`, file),
        orientation,
        `_${name}`,
      );
    };
    return { train: split('train'), test: split('test'), views: parts.length };
  }
  const cells = variables.get('X') ?? variables.get('data') ?? variables.get('fea');
  const name = variables.has('X') ? 'X' : variables.has('data') ? 'data' : 'fea';
  if (cells?.kind !== 'cell')
    throw malformed(
      file,
      '',
      `expected a cell array "X" with one matrix a view, or x1_train, x1_test, ...; the file has ${[...variables.keys()].slice(0, 20).join(', ')}`,
    );
  const raw = vector(labelArray(variables, labels, file));
  const whole = rawSplit(
    file,
    raw,
    chosen(views, cells.cells.length, file),
    (view) => matNumeric(variables, `${name}{${view}}`, file),
    orientation,
    '',
  );
  return { whole, views: cells.cells.length };
}

function labelArray(variables: Variables, asked: string | undefined, file: string): NdArray {
  const name = asked ?? LABELS.find((one) => variables.has(one));
  if (name === undefined)
    throw malformed(
      file,
      '',
      `no labels: none of ${LABELS.join(', ')} is there; name the variable with "labels" (${[...variables.keys()].slice(0, 20).join(', ')})`,
    );
  if (!variables.has(name.replace(/\{.*$/, '')))
    throw malformed(file, '', `the file has no variable "${name}"; ${suggestion(name, variables.keys())}`);
  return matNumeric(variables, variables.get(name)?.kind === 'cell' ? `${name}{1}` : name, file);
}

/** The classes as a vector; one-hot rows become their places. */
function vector({ shape, data }: NdArray): Float64Array {
  const [rows = 1, columns = 1] = shape;
  if (rows === 1 || columns === 1) return Float64Array.from(data);
  return Float64Array.from({ length: rows }, (_, row) => {
    const values = data.subarray(row * columns, (row + 1) * columns);
    return values.indexOf(Math.max(...values));
  });
}

function chosen(views: readonly number[] | undefined, count: number, file: string): number[] {
  const list = views ?? Array.from({ length: count }, (_, i) => i + 1);
  const beyond = list.find((view) => view > count);
  if (beyond !== undefined) throw new EquimodalError('EQM_CONFIG_INVALID', `view ${beyond} of a file that has ${count}`, { where: file });
  return [...list];
}

function rawSplit(
  file: string,
  labels: Float64Array,
  views: readonly number[],
  read: (view: number) => NdArray,
  orientation: 'auto' | 'rows' | 'columns',
  suffix: string,
): RawSplit {
  const tables: Record<string, Table> = {};
  for (const view of views) {
    const { shape, data } = read(view);
    const place = `${file}, view ${view}${suffix}`;
    const [rows = 1, columns = 1] = shape;
    const upright = orientation === 'auto' ? rows === labels.length : orientation === 'rows';
    if ((upright ? rows : columns) !== labels.length || shape.length > 2)
      throw malformed(file, `view ${view}${suffix}`, `the shape is [${shape.join(', ')}], there are ${labels.length} labels`);
    const values = Float64Array.from(data);
    tables[view] = upright
      ? { file: place, rows, columns, data: values }
      : { file: place, rows: columns, columns: rows, data: turned(values, rows, columns) };
  }
  return { tables, labels, labelFile: `${file}, labels${suffix}` };
}

function turned(data: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j]!;
  return out;
}
