import { definePiece, EquimodalError, type Dataset, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { classIndices, type RawSplit, type SplitName } from '../features/labels.js';
import { scaleSplits } from '../features/scaled.js';
import { resolvePath, selectRows } from '../features/tables.js';
import { readAnyMat } from '../readers/mat73.js';
import { carveValidation } from '../split/carve.js';
import { fingerprint, InMemorySplit } from '../split/in-memory.js';
import { readViews } from './file.js';
import { multiViewOptions, type MultiViewOptions } from './options.js';

/**
 * Multi-view sets in .mat files: several descriptions (views) of the same samples, each a vector.
 *
 * Source: Han et al., Trusted Multi-View Classification, ICLR 2021; Zhang et al., CPM-Nets, NeurIPS 2019.
 */
export const multiView = definePiece({
  kind: 'dataset',
  id: 'multi-view',
  description: 'multi-view .mat files: handwritten digits, CUB, Scene-15, Wikipedia and others of their layout',
  facts: { note: 'needs the .mat file in the data root; scaling is fitted on the training rows unless the options say otherwise' },
  options: multiViewOptions,
  create: (options, context) => new MultiView(options, context),
});

class MultiView implements Dataset {
  readonly modalities: Dataset['modalities'];
  /** Numbers of the views, as the file counts them. */
  readonly #views: readonly number[];

  constructor(
    private readonly options: MultiViewOptions,
    private readonly context: Pick<DatasetContext, 'requireDataRoot' | 'random'>,
  ) {
    this.#views = options.views ?? Array.from({ length: options.count }, (_, i) => i + 1);
    this.modalities = this.#views.map((view, i) => ({ name: options.names?.[i] ?? `view${view}`, kind: 'vector' }));
  }

  async load(): Promise<LoadedDataset> {
    const { options } = this;
    const file = resolvePath(options.file, () => this.context.requireDataRoot());
    const found = readViews(await readAnyMat(file), file, {
      views: options.views,
      labels: options.labels,
      orientation: options.orientation,
    });
    if (options.views === undefined && found.views !== options.count) {
      throw new EquimodalError('EQM_CONFIG_INVALID', `the file has ${found.views} views, the options say ${options.count}`, {
        where: file,
        fix: `Set "count: ${found.views}", or choose with "views".`,
      });
    }
    const notes: string[] = [];
    const raw = this.#renamed(this.#split(found, file, notes));
    const { labels, classes } = classIndices(raw, { base: 'auto', classes: options.classes });
    const random = this.context.random.at('multi-view').at(options.seed).at('validation');
    const carved = options.validation === undefined ? undefined : carveValidation(labels.train!, { fraction: options.validation, random });
    const fitRows = carved?.train ?? labels.train!.map((_, row) => row);
    const { rows, notes: about } = scaleSplits(
      raw,
      this.modalities.map(({ name }) => name),
      { fitRows, standardize: options.standardize, nonFinite: 'error', eachSplit: options.fit === 'each-split' },
    );
    if (options.fit === 'each-split')
      notes.push('every split is scaled by its own statistics, as in the released code: test rows depend on each other');
    const whole = (name: SplitName): InMemorySplit | undefined =>
      labels[name] === undefined ? undefined : new InMemorySplit(labels[name], rows[name]!);
    const train = whole('train')!;
    const validation = carved === undefined ? whole('validation') : train.subset(carved.validation);
    const splits = {
      train: carved === undefined ? train : train.subset(carved.train),
      ...(validation === undefined ? {} : { validation }),
      test: whole('test')!,
    };
    return {
      classes,
      modalities: this.modalities.map(({ name, kind }) => ({ name, kind, shape: [train.modalities[name]!.rowSize] })),
      splits,
      fingerprint: fingerprint(splits),
      notes: [...notes, ...about],
    };
  }

  #renamed(raw: Partial<Record<SplitName, RawSplit>>): Partial<Record<SplitName, RawSplit>> {
    const rename = (split: RawSplit): RawSplit => ({
      ...split,
      tables: Object.fromEntries(this.#views.map((view, i) => [this.modalities[i]!.name, split.tables[view]!])),
    });
    return Object.fromEntries(Object.entries(raw).map(([name, split]) => [name, rename(split)]));
  }

  /** By the file itself, by row ranges, or by class at random. */
  #split({ whole, train, test }: ReturnType<typeof readViews>, file: string, notes: string[]): Partial<Record<SplitName, RawSplit>> {
    const { split, testFraction, seed } = this.options;
    if (train !== undefined && test !== undefined) {
      if (split !== undefined)
        throw new EquimodalError('EQM_CONFIG_INVALID', 'the file has a split of its own; leave "split" out', { where: file });
      return { train, test };
    }
    if (split !== undefined) {
      const ranges = Object.entries(split).flatMap(([name, range]) => (range === undefined ? [] : [[name, range] as const]));
      const sorted = ranges.map(([, range]) => range).sort((a, b) => a[0] - b[0]);
      sorted.forEach((range, i) => {
        if (range[1] <= range[0] || (i > 0 && range[0] < sorted[i - 1]![1]))
          throw new EquimodalError('EQM_CONFIG_INVALID', `rows [${range.join(', ')}) are empty or overlap another range`, {
            where: 'dataset.split',
          });
      });
      return Object.fromEntries(ranges.map(([name, range]) => [name, part(whole!, range)]));
    }
    const random = this.context.random.at('multi-view').at(seed).at('test');
    const classes = new Map([...new Set(whole!.labels)].map((label, i) => [label, i]));
    const rows = carveValidation(
      Int32Array.from(whole!.labels, (label) => classes.get(label)!),
      { fraction: testFraction, random },
    );
    notes.push(
      `the file has no split: ${rows.validation.length} of ${whole!.labels.length} rows are test, ${testFraction} of every class, drawn with seed ${seed}`,
    );
    return { train: pick(whole!, rows.train), test: pick(whole!, rows.validation) };
  }
}

function part(split: RawSplit, [from, to]: readonly [number, number]): RawSplit {
  const tables = Object.fromEntries(Object.entries(split.tables).map(([name, table]) => [name, selectRows(table, [from, to])]));
  return { ...split, tables, labels: split.labels.slice(from, to) };
}

function pick(split: RawSplit, rows: Int32Array): RawSplit {
  const tables = Object.fromEntries(
    Object.entries(split.tables).map(([name, table]) => {
      const data = new Float64Array(rows.length * table.columns);
      rows.forEach((row, i) => data.set(table.data.subarray(row * table.columns, (row + 1) * table.columns), i * table.columns));
      return [name, { ...table, rows: rows.length, data }];
    }),
  );
  return { ...split, tables, labels: Float64Array.from(rows, (row) => split.labels[row]!) };
}
