import { chooseRows, EquimodalError, type LoadedDataset, type OuterData, type RandomStream, type Split } from '@equimodal/core';
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
  /** Held out of train, or of validation, for the outer problem of a learned alpha. */
  readonly outer: Split | null;
}

/**
 * The splits of a run. The validation split is the dataset's own, else carved from train by the data
 * stream of the seed, so every row of one seed shares it; the outer split is carved from what is left of train, or from validation.
 *
 * @throws EQM_DATA_SPLIT for a split without rows, or an outer split of a validation split that there is not.
 */
export function runSplits(
  dataset: LoadedDataset,
  options: { readonly validationFraction: number; readonly outer: Pick<OuterData, 'from' | 'fraction' | 'rows'> | null },
  random: RandomStream,
): RunSplits {
  let train = dataset.splits.train;
  let validation = dataset.splits.validation ?? null;
  if (validation === null && options.validationFraction > 0) {
    const { rest, carved } = carve(train, options.validationFraction, random.at('validation'));
    [train, validation] = [rest, carved];
  }
  let outer: Split | null = null;
  if (options.outer?.from === 'held-out') {
    const { rest, carved } = carve(train, shareOf(options.outer, train), random.at('outer'));
    [train, outer] = [rest, carved];
  }
  if (options.outer?.from === 'validation') {
    if (validation === null) {
      throw new EquimodalError('EQM_DATA_SPLIT', 'the outer problem of alpha takes part of the validation split, and there is none', {
        where: 'alpha.outer',
        fix: 'Set training.validationFraction, or "outer: held-out".',
      });
    }
    const { rest, carved } = carve(validation, shareOf(options.outer, validation), random.at('outer'));
    [validation, outer] = [rest, carved];
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

const shareOf = ({ fraction, rows }: Pick<OuterData, 'fraction' | 'rows'>, { size }: Split): number =>
  rows === undefined ? fraction : Math.min(1, rows / size);
