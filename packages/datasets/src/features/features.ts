import { definePiece, EquimodalError, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { carveValidation } from '../split/carve.js';
import { fingerprint, InMemorySplit, type ModalityRows } from '../split/in-memory.js';
import { readGroups } from './groups.js';
import { classIndices, readSplits, SPLITS, type RawSplit, type SplitName } from './labels.js';
import { featuresOptions, type FeaturesOptions } from './options.js';
import { applyScaling, fitScaling, treatNonFinite } from './standardize.js';
import { resolvePath } from './tables.js';

/**
 * Feature tables that are aligned row by row: any number of modalities, each [rows, features] in .csv, .tsv,
 * .npy, .npz or .mat files, by split or as one file with row ranges.
 */
export const features = definePiece({
  kind: 'dataset',
  id: 'features',
  description: 'feature tables (csv, npy, npz, mat) aligned row by row, any number of modalities',
  facts: { note: 'options name the files; scaling is fitted on the training rows only' },
  options: featuresOptions,
  create: (options, context) => new Features(options, context),
});

class Features implements Dataset {
  readonly modalities: Dataset['modalities'];

  constructor(
    private readonly options: FeaturesOptions,
    private readonly context: Pick<DatasetContext, 'requireDataRoot' | 'random'>,
  ) {
    this.modalities = Object.keys(options.modalities).map((name) => ({ name, kind: 'vector' }));
  }

  async load(): Promise<LoadedDataset> {
    const { options } = this;
    const root = (): string => this.context.requireDataRoot();
    const raw = readSplits(options, root);
    const { labels, classes } = classIndices(raw, options);
    const rows = this.#trainingRows(raw.train!, labels.train!, root);
    const arrays = this.#scaled(raw, rows.train);
    const whole = (name: SplitName): InMemorySplit | undefined =>
      labels[name] === undefined
        ? undefined
        : new InMemorySplit(labels[name], arrays[name]!, name === 'train' && rows.groups !== undefined ? { groups: rows.groups } : {});
    const everything = whole('train')!;
    const train = rows.validation === undefined ? everything : everything.subset(rows.train);
    const validation = rows.validation === undefined ? whole('validation') : everything.subset(rows.validation);
    const splits = { train, ...(validation === undefined ? {} : { validation }), test: whole('test')! };
    return {
      classes,
      modalities: this.modalities.map(({ name, kind }) => ({
        name,
        kind,
        shape: [train.modalities[name]!.rowSize],
      })),
      splits,
      fingerprint: fingerprint(splits),
      notes: [...options.notes, ...arrays.notes],
      ...(options.standardize === 'none' ? {} : { fitted: `scaling (${options.standardize})` }),
    };
  }

  /** Training rows, validation rows where they are carved here, and the group of each row of the training table. */
  #trainingRows(
    train: RawSplit,
    labels: Int32Array,
    root: () => string,
  ): { train: Int32Array; validation?: Int32Array; groups?: readonly string[] } {
    const { groups, validation, split } = this.options;
    const named = groups === undefined ? undefined : readGroups(groups, resolvePath(groups.path, root), train.labels, split?.train);
    const known = named === undefined ? {} : { groups: named };
    if (validation === undefined) return { train: labels.map((_, row) => row), ...known };
    const random = this.context.random.at('features').at(validation.seed).at('validation');
    const carved = carveValidation(labels, { fraction: validation.fraction, random, ...(validation.by === 'group' ? known : {}) });
    return { ...carved, ...known };
  }

  /** Float32 rows of every split; scaling is fitted on `fitRows` of train. */
  #scaled(
    raw: Partial<Record<SplitName, RawSplit>>,
    fitRows: Int32Array,
  ): Partial<Record<SplitName, Record<string, ModalityRows>>> & { notes: string[] } {
    const out: Partial<Record<SplitName, Record<string, ModalityRows>>> & { notes: string[] } = { notes: [] };
    for (const { name } of this.modalities) {
      let replaced = 0;
      for (const split of SPLITS) {
        const table = raw[split]?.tables[name];
        if (table !== undefined) replaced += treatNonFinite(table, this.options.nonFinite);
      }
      if (replaced > 0) out.notes.push(`${replaced} values of "${name}" were not finite and are zero`);
      const training = raw.train!.tables[name]!;
      const scaling = fitScaling(training, fitRows, this.options.standardize);
      for (const split of SPLITS) {
        const table = raw[split]?.tables[name];
        if (table === undefined) continue;
        if (table.columns !== training.columns) {
          throw new EquimodalError(
            'EQM_DATA_MALFORMED',
            `unequal columns of "${name}": ${training.columns} in ${training.file}, ${table.columns} in ${table.file}`,
            { where: table.file },
          );
        }
        (out[split] ??= {})[name] = { data: applyScaling(table, scaling), rowSize: table.columns };
      }
    }
    return out;
  }
}
