import type { EquimodalError } from '@equimodal/core';
import { malformed } from '../readers/bytes.js';
import { pickleAt, pickleKeys, pickleNumbers, readPickle } from '../readers/pickle/pickle.js';
import { PickleArray, type PickleValue } from '../readers/pickle/values.js';

export const MODALITIES = ['text', 'audio', 'video'] as const;
export type Modality = (typeof MODALITIES)[number];

/** Fields of the packs by modality. */
const FIELDS: Readonly<Record<Modality, readonly string[]>> = { text: ['text'], audio: ['audio'], video: ['vision', 'video'] };
const SPLIT_NAMES = { train: ['train'], validation: ['valid', 'validation', 'dev'], test: ['test'] } as const;

/** Steps of one modality: rows [steps, features], of one length or not. */
export interface Steps {
  readonly rows: number;
  readonly features: number;
  /** Most steps a row has. */
  readonly longest: number;
  /** Numbers of a row, [steps, features]. */
  row(row: number): ArrayLike<number>;
}

/** One split of a pack, still in the file. */
export interface PackSplit {
  readonly file: string;
  readonly steps: Readonly<Partial<Record<Modality, Steps>>>;
  /** Regression labels (column 0 where there are several). */
  readonly labels: Float64Array | undefined;
  /** Class labels that the file stores. */
  readonly stored: Float64Array | undefined;
  readonly columns: number;
}

/**
 * Opens a pickled pack: a dict of `train`, `valid`, `test`, each a dict of `text`, `audio`, `vision` [rows, steps, features] (or lists of
 * [steps, features]) and `regression_labels` or `labels`.
 *
 * @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED naming the file and the field.
 */
export function openPack(file: string, wanted: readonly Modality[]): Record<'train' | 'validation' | 'test', PackSplit> {
  const pack = readPickle(file);
  const open = (split: keyof typeof SPLIT_NAMES): PackSplit => {
    const keys = pickleKeys(pack);
    const name = SPLIT_NAMES[split].find((one) => keys.includes(one));
    if (name === undefined)
      throw malformed(
        file,
        '',
        `the pack has no "${SPLIT_NAMES[split][0]}"; it holds ${keys.slice(0, 10).join(', ') || 'no dict of splits'}`,
      );
    return openSplit(pickleAt(pack, name, file), file, name, wanted);
  };
  return { train: open('train'), validation: open('validation'), test: open('test') };
}

function openSplit(split: PickleValue, file: string, name: string, wanted: readonly Modality[]): PackSplit {
  const keys = pickleKeys(split);
  const fail = (what: string): EquimodalError => malformed(file, name, what);
  const steps: Partial<Record<Modality, Steps>> = {};
  for (const modality of wanted) {
    const field = FIELDS[modality].find((one) => keys.includes(one));
    if (field === undefined) throw fail(`there is no "${FIELDS[modality][0]}" in "${name}"; it holds ${keys.join(', ')}`);
    steps[modality] = openSteps(pickleAt(split, field, file), file, `${name}/${field}`);
  }
  const rows = Object.values(steps)[0]!.rows;
  for (const [modality, { rows: own }] of Object.entries(steps))
    if (own !== rows) throw fail(`unequal rows: ${rows} in "${wanted[0]}", ${own} in "${modality}"`);
  const column = (field: string | undefined): { values: Float64Array; columns: number } | undefined => {
    if (field === undefined) return undefined;
    const { data } = pickleNumbers(pickleAt(split, field, file), file, `${name}/${field}`);
    const columns = data.length / rows;
    if (!Number.isInteger(columns) || columns < 1) throw fail(`"${field}" has ${data.length} values for ${rows} rows`);
    return { values: Float64Array.from({ length: rows }, (_, row) => data[row * columns]!), columns };
  };
  const regression = column(['regression_labels', 'labels', 'label'].find((one) => keys.includes(one)));
  const stored = column(keys.includes('classification_labels') ? 'classification_labels' : undefined);
  return { file: `${file}:${name}`, steps, labels: regression?.values, stored: stored?.values, columns: regression?.columns ?? 1 };
}

function openSteps(value: PickleValue, file: string, what: string): Steps {
  const fail = (said: string): EquimodalError => malformed(file, what, said);
  if (value instanceof PickleArray && value.type.kind !== 'O') {
    const { shape } = value;
    if (shape.length !== 2 && shape.length !== 3) throw fail(`expected [rows, steps, features], the shape is [${shape.join(', ')}]`);
    const [rows, longest, features] = shape.length === 3 ? (shape as [number, number, number]) : [shape[0]!, 1, shape[1]!];
    if (!value.fortran) return { rows, features, longest, row: (row) => value.slice(row, row + 1).data };
    const { data } = value.numbers();
    const size = longest * features;
    return { rows, features, longest, row: (row) => data.subarray(row * size, (row + 1) * size) };
  }
  const items = value instanceof PickleArray ? value.items() : value;
  if (!Array.isArray(items) || items.length === 0) throw fail('expected an array [rows, steps, features] or a list of [steps, features]');
  const list = items as readonly PickleValue[];
  const shapes = list.map((item, row) => {
    const { shape } = item instanceof PickleArray ? item : pickleNumbers(item, file, `${what}, row ${row + 1}`);
    if (shape.length !== 2) throw fail(`row ${row + 1}: expected [steps, features], the shape is [${shape.join(', ')}]`);
    return shape as [number, number];
  });
  const features = shapes[0]![1];
  const wrong = shapes.findIndex(([, own]) => own !== features);
  if (wrong >= 0) throw fail(`row ${wrong + 1} has ${shapes[wrong]![1]} features, row 1 has ${features}`);
  const longest = shapes.reduce((most, [steps]) => Math.max(most, steps), 0);
  return { rows: list.length, features, longest, row: (row) => pickleNumbers(list[row]!, file, `${what}, row ${row + 1}`).data };
}
