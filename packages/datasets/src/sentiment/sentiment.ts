import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EquimodalError, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { malformed, missing } from '../readers/bytes.js';
import { resolvePath } from '../features/tables.js';
import { fingerprint, InMemorySplit, type ModalityRows } from '../split/in-memory.js';
import { fitFeatures, readRows, scaleFeatures, type Rows } from './arrays.js';
import { numberedClasses, requireEveryClass } from './classes.js';
import type { PackOptions } from './options.js';
import { openPack, type PackSplit } from './pack.js';
import { classOf, RULE_CLASSES, type LabelRule } from './rules.js';

const SPLITS = ['train', 'validation', 'test'] as const;

export interface PackRules {
  /** Names of packs that circulate, relative to the data root; the first that is there is read. */
  readonly candidates: readonly string[];
  readonly labels: LabelRule;
  readonly classes?: readonly string[] | undefined;
  readonly dropZero: boolean;
  /** Rows of the published splits, to say where a pack differs. */
  readonly published?: readonly [number, number, number] | undefined;
}

/** A dataset of utterances in a pickled pack: text, audio and video features and a regression label. */
export class PackDataset implements Dataset {
  readonly modalities: Dataset['modalities'];

  constructor(
    private readonly options: PackOptions,
    private readonly rules: PackRules,
    private readonly context: Pick<DatasetContext, 'requireDataRoot'>,
  ) {
    const kind = options.time === 'sequence' ? 'sequence' : 'vector';
    this.modalities = [...new Set(options.modalities)].map((name) => ({ name, kind }));
  }

  async load(): Promise<LoadedDataset> {
    const { options, rules } = this;
    const file = findPack(options.file, rules.candidates, () => this.context.requireDataRoot());
    const names = [...new Set(options.modalities)];
    const pack = openPack(file, options.emptyText === 'drop' && !names.includes('text') ? [...names, 'text'] : names);
    const notes = [`read from ${options.file ?? rules.candidates.find((one) => file.endsWith(one)) ?? file}`];
    const read = Object.fromEntries(SPLITS.map((split) => [split, this.#read(pack[split], split, notes)])) as Record<
      (typeof SPLITS)[number],
      ReadSplit
    >;
    const classes = rules.classes ?? RULE_CLASSES[rules.labels] ?? numberedClasses(Object.values(read).map((split) => split.classes));
    for (const name of names) {
      if (options.standardize === 'none') break;
      const scaling = fitFeatures(read.train.rows[name]!, read.train.keep);
      for (const split of SPLITS) scaleFeatures(read[split].rows[name]!, scaling);
    }
    const replaced = (name: string): number => SPLITS.reduce((sum, split) => sum + read[split].rows[name]!.replaced, 0);
    for (const name of names) if (replaced(name) > 0) notes.push(`${replaced(name)} values of "${name}" were not finite and are zero`);
    const counts = SPLITS.map((split) => pack[split].labels?.length ?? pack[split].stored?.length ?? 0);
    if (rules.published !== undefined && rules.published.some((count, i) => count !== counts[i]))
      notes.push(`the pack has ${counts.join(' / ')} rows; the packs in circulation have ${rules.published.join(' / ')}`);
    const splits = Object.fromEntries(SPLITS.map((split) => [split, this.#split(read[split], names)])) as Record<
      (typeof SPLITS)[number],
      InMemorySplit
    >;
    requireEveryClass(classes, splits.train.labels, file);
    return {
      classes,
      modalities: this.modalities.map(({ name, kind }) => ({ name, kind, shape: read.train.rows[name]!.shape })),
      splits,
      fingerprint: fingerprint(splits),
      notes,
    };
  }

  #read(pack: PackSplit, split: string, notes: string[]): ReadSplit {
    const { options, rules } = this;
    const rows = Object.fromEntries(
      Object.entries(pack.steps).map(([name, steps]) => [
        name,
        readRows(steps, pack.file, { time: options.time, maxLength: options.maxLength }),
      ]),
    );
    const source = rules.labels === 'stored' ? pack.stored : pack.labels;
    if (source === undefined)
      throw malformed(
        pack.file,
        '',
        rules.labels === 'stored' ? 'the pack stores no "classification_labels"' : 'the pack has neither "regression_labels" nor "labels"',
      );
    if (pack.columns > 1 && rules.labels !== 'stored') notes.push(`${split}: labels have ${pack.columns} columns, the first is read`);
    const classes = Int32Array.from(source, (value, row) => {
      if (!Number.isFinite(value)) throw malformed(pack.file, `row ${row + 1}`, `label ${value} is not a number`);
      if (rules.labels !== 'stored') return classOf(value, rules.labels);
      if (!Number.isSafeInteger(value) || value < 0 || value > 1000)
        throw malformed(pack.file, `row ${row + 1}`, `stored label ${value} is not a class`);
      return value;
    });
    const neutral = (row: number): boolean => rules.dropZero && pack.labels?.[row] === 0;
    const silent = (row: number): boolean => options.emptyText === 'drop' && rows['text']!.present[row] === false;
    const keep = Int32Array.from(classes.keys()).filter((row) => !neutral(row) && !silent(row));
    if (rules.dropZero && pack.labels === undefined)
      throw malformed(pack.file, '', '"dropZero" needs regression labels, the pack has none');
    const dropped = (count: number, why: string): void =>
      void (count > 0 && notes.push(`${split}: ${count} of ${classes.length} rows dropped: ${why}`));
    const all = [...classes.keys()];
    dropped(all.filter(neutral).length, 'their label is 0');
    dropped(all.filter((row) => !neutral(row) && silent(row)).length, 'their text is all zero');
    if (keep.length === 0) throw new EquimodalError('EQM_DATA_SPLIT', `the ${split} split is empty`, { where: pack.file });
    return { rows, classes, keep };
  }

  #split({ rows, classes, keep }: ReadSplit, names: readonly string[]): InMemorySplit {
    const whole = keep.length === classes.length;
    const modalities: Record<string, ModalityRows> = {};
    for (const name of names) {
      const { data, shape } = rows[name]!;
      modalities[name] = { data, rowSize: shape.reduce((product, size) => product * size, 1), ...(whole ? {} : { index: keep }) };
    }
    return new InMemorySplit(
      keep.map((row) => classes[row]!),
      modalities,
    );
  }
}

interface ReadSplit {
  readonly rows: Readonly<Record<string, Rows>>;
  readonly classes: Int32Array;
  /** Rows that are not dropped. */
  readonly keep: Int32Array;
}

/** @throws EQM_DATA_MISSING with every path that was looked for. */
export function findPack(given: string | undefined, candidates: readonly string[], root: () => string): string {
  if (given !== undefined) return resolvePath(given, root);
  const paths = candidates.map((path) => join(root(), path));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw missing('no pack of the dataset is there', paths);
  return found;
}
