import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { malformed, missing, type NdArray } from '../readers/bytes.js';
import { readNpy } from '../readers/npy.js';
import { readNpyTexts } from '../readers/npy-texts.js';

/** Utterances of one split of a fold. */
export interface Target {
  readonly file: string;
  readonly names: readonly string[];
  readonly labels: Int32Array;
}

/** What the splits are called. */
const PREFIXES = { train: 'trn', validation: 'val', test: 'tst' } as const;

/** A class is a number up to here. */
const MOST_CLASSES = 1000;

/**
 * Names and classes of a fold: `target/<fold>/{trn,val,tst}_int2name.npy` and `..._label.npy`.
 *
 * @throws EQM_DATA_MISSING (with the folds there are), EQM_DATA_MALFORMED
 */
export function readTargets(root: string, fold: number): Record<keyof typeof PREFIXES, Target> {
  const folder = join(root, 'target', String(fold));
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    const all = join(root, 'target');
    const folds = existsSync(all) ? readdirSync(all).sort() : [];
    throw missing(`fold ${fold} is missing${folds.length === 0 ? '' : `; there are ${folds.slice(0, 20).join(', ')}`}`, [folder]);
  }
  const read = (prefix: string): Target => {
    const file = join(folder, `${prefix}_label.npy`);
    const names = readNpyTexts(join(folder, `${prefix}_int2name.npy`));
    const labels = classesOf(readNpy(file), file);
    if (names.length !== labels.length) throw malformed(file, '', `there are ${labels.length} labels for ${names.length} names`);
    if (names.length === 0) throw malformed(file, '', 'the split is empty');
    return { file, names, labels };
  };
  return { train: read(PREFIXES.train), validation: read(PREFIXES.validation), test: read(PREFIXES.test) };
}

/** Classes of labels [rows], [rows, 1], or [rows, classes] of which one is 1. */
function classesOf({ shape, data }: NdArray, file: string): Int32Array {
  const rows = shape[0] ?? 0;
  const columns = rows === 0 ? 1 : data.length / rows;
  return Int32Array.from({ length: rows }, (_, row) => {
    const values = Array.from(data.subarray(row * columns, (row + 1) * columns));
    const label = columns === 1 ? values[0]! : values.indexOf(1);
    const single = columns === 1 || values.every((value, i) => value === (i === label ? 1 : 0));
    if (!single || !Number.isInteger(label) || label < 0 || label >= MOST_CLASSES)
      throw malformed(file, `row ${row + 1}`, `[${values.slice(0, 10).join(', ')}] is no class: expected its number, or a 1 among zeros`);
    return label;
  });
}
