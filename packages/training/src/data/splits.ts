import { EquimodalError, type LoadedDataset, type RandomStream, type Split } from '@equimodal/core';

/** Some rows of a split, as a split of its own. */
export class Subset implements Split {
  readonly size: number;
  readonly labels: Int32Array;

  constructor(
    private readonly base: Split,
    private readonly rows: Int32Array,
  ) {
    this.size = rows.length;
    this.labels = rows.map((row) => base.labels[row]!);
  }

  get readsAhead(): boolean {
    return this.base.readsAhead === true;
  }

  read(rows: Int32Array, random?: RandomStream, modalities?: readonly string[]): ReturnType<Split['read']> {
    return this.base.read(
      rows.map((row) => this.rows[row]!),
      random,
      modalities,
    );
  }
}

/**
 * Cuts a share of a split off, stratified: every class gives the same share (rounded, at least one row
 * where it has two).
 */
export function carve(split: Split, fraction: number, classes: number, random: RandomStream): { rest: Split; carved: Split } {
  const byClass = Array.from({ length: classes }, (): number[] => []);
  for (const row of random.permutation(split.size)) byClass[split.labels[row]!]?.push(row);
  const carved: number[] = [];
  const rest: number[] = [];
  for (const rows of byClass) {
    const count = rows.length < 2 ? 0 : Math.min(rows.length - 1, Math.max(1, Math.round(rows.length * fraction)));
    carved.push(...rows.slice(0, count));
    rest.push(...rows.slice(count));
  }
  const ordered = (rows: number[]): Int32Array => Int32Array.from(rows).sort();
  return { rest: new Subset(split, ordered(rest)), carved: new Subset(split, ordered(carved)) };
}

/** The splits one run works with. */
export interface RunSplits {
  readonly train: Split;
  readonly validation: Split | null;
  readonly test: Split;
  /** Held out of train for the outer problem of a learned alpha. */
  readonly outer: Split | null;
}

/**
 * The splits of a run. The validation split is the dataset's own, else carved from train by the data
 * stream of the seed, so every row of one seed shares it; the outer split is carved from what is left of train.
 */
export function runSplits(
  dataset: LoadedDataset,
  options: { readonly validationFraction: number; readonly outerFraction: number | null },
  random: RandomStream,
): RunSplits {
  const classes = dataset.classes.length;
  let train = dataset.splits.train;
  let validation = dataset.splits.validation ?? null;
  if (validation === null && options.validationFraction > 0) {
    const { rest, carved } = carve(train, options.validationFraction, classes, random.at('validation'));
    [train, validation] = [rest, carved];
  }
  let outer: Split | null = null;
  if (options.outerFraction !== null) {
    const { rest, carved } = carve(train, options.outerFraction, classes, random.at('outer'));
    [train, outer] = [rest, carved];
  }
  const { test } = dataset.splits;
  for (const [name, split] of Object.entries({ train, validation, test, outer })) {
    if (split !== null && split.size === 0) {
      throw new EquimodalError('EQM_DATA_SPLIT', `the ${name} split has no rows`, { where: `dataset` });
    }
  }
  return { train, validation, test, outer };
}
