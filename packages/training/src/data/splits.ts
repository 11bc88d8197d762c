import { chooseRows, EquimodalError, type LoadedDataset, type RandomStream, type Split } from '@equimodal/core';
import { partRows } from './subset.js';

/**
 * Cuts a share of a split off: whole groups where the split has groups, else stratified (every class gives the same share,
 * rounded, at least one row where it has two).
 */
export function carve(split: Split, fraction: number, random: RandomStream): { rest: Split; carved: Split } {
  const { labels, groups } = split;
  const { rest, chosen } = partRows(split, chooseRows(labels, { fraction, random, groups }));
  return { rest, carved: chosen };
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
  let train = dataset.splits.train;
  let validation = dataset.splits.validation ?? null;
  if (validation === null && options.validationFraction > 0) {
    const { rest, carved } = carve(train, options.validationFraction, random.at('validation'));
    [train, validation] = [rest, carved];
  }
  let outer: Split | null = null;
  if (options.outerFraction !== null) {
    const { rest, carved } = carve(train, options.outerFraction, random.at('outer'));
    [train, outer] = [rest, carved];
  }
  const { test } = dataset.splits;
  for (const [name, split] of Object.entries({ train, validation, test, outer })) {
    if (split !== null && split.size === 0) {
      throw new EquimodalError('EQM_DATA_SPLIT', `the ${name} split has no rows`, {
        where: `dataset`,
        ...(split.groups === undefined
          ? {}
          : { fix: 'The split is cut by group: choose another fraction, or "protocol: { use: published, by: class }".' }),
      });
    }
  }
  return { train, validation, test, outer };
}
