import { createHash } from 'node:crypto';
import { chooseRows, EquimodalError, foldRows, RandomStream, type LoadedDataset, type Protocol, type Split } from '@equimodal/core';
import { partRows, PooledSplit, Subset } from './subset.js';

const WHERE = 'dataset.protocol';

/**
 * Parts the rows of a dataset as a protocol says. The same data and protocol give the same parts, whatever the seed of a run; the fingerprint
 * of what comes out tells folds apart.
 *
 * @throws EQM_DATA_SPLIT if groups are asked for and there are none, a part would be empty, or validation is asked for twice.
 */
export function applyProtocol(dataset: LoadedDataset, protocol: Protocol | undefined): LoadedDataset {
  if (protocol === undefined) return dataset;
  const random = new RandomStream(protocol.seed, 'protocol');
  return protocol.use === 'k-fold' ? folded(dataset, protocol, random) : published(dataset, protocol, random);
}

function published(dataset: LoadedDataset, protocol: Protocol, random: RandomStream): LoadedDataset {
  const { train, validation, test } = dataset.splits;
  const base = grouped(train, protocol.by);
  if (protocol.validation === undefined && base === train) return dataset;
  if (protocol.validation === undefined) return renewed(dataset, protocol, { ...dataset.splits, train: base }, [], []);
  if (validation !== undefined) {
    throw new EquimodalError('EQM_DATA_SPLIT', `the dataset has a validation split of its own, with ${validation.size} rows`, {
      where: `${WHERE}.validation`,
      fix: 'Leave "validation" out of the protocol.',
    });
  }
  const { rest, cut, chosen } = cutOff(base, protocol.validation, random);
  const note = `validation: ${cut.size} rows cut from train ${words(base)}`;
  return renewed(dataset, protocol, { train: rest, validation: cut, test }, [note], chosen);
}

function folded(dataset: LoadedDataset, protocol: Protocol & { readonly use: 'k-fold' }, random: RandomStream): LoadedDataset {
  const { folds, fold, pool } = protocol;
  const { train, validation, test } = dataset.splits;
  const everything = pool === 'train' ? train : new PooledSplit([train, ...(validation === undefined ? [] : [validation]), test]);
  const all = grouped(everything, protocol.by);
  const { labels, groups } = all;
  const ofRow = foldRows(labels, { folds, random: random.at('folds'), groups });
  const rows = labels.map((_, row) => row);
  const [inside, outside] = [rows.filter((row) => ofRow[row] === fold), rows.filter((row) => ofRow[row] !== fold)];
  if (inside.length === 0 || outside.length === 0) {
    const have = groups === undefined ? `${labels.length} rows` : `${new Set(groups).size} groups`;
    throw new EquimodalError(
      'EQM_DATA_SPLIT',
      `fold ${fold} of ${folds} leaves ${outside.length} training and ${inside.length} test rows`,
      {
        where: WHERE,
        fix: `Ask for fewer folds: there are ${have}.`,
      },
    );
  }
  const tested = new Subset(all, inside);
  const trained = new Subset(all, outside);
  const notes = [
    `k-fold: fold ${fold} of ${folds} (counted from 0) of ${labels.length} rows of ${pool === 'train' ? 'the training split' : 'all splits'} is tested, parted ${words(all)}`,
  ];
  if (dataset.fitted !== undefined)
    notes.push(`k-fold: ${dataset.fitted} was fitted on the published training rows, some of which are tested here`);
  if (protocol.validation === undefined) return renewed(dataset, protocol, { train: trained, test: tested }, notes, ofRow);
  const { rest, cut, chosen } = cutOff(trained, protocol.validation, random);
  notes.push(`validation: ${cut.size} rows cut from train ${words(trained)}`);
  return renewed(dataset, protocol, { train: rest, validation: cut, test: tested }, notes, [...ofRow, ...chosen]);
}

const words = ({ groups }: Split): string => (groups === undefined ? 'by class' : `by group (${new Set(groups).size} groups)`);

/** The split, with groups or without as `by` says. */
function grouped(split: Split, by: Protocol['by']): Split {
  if (by === 'group' && split.groups === undefined) {
    throw new EquimodalError('EQM_DATA_SPLIT', 'the rows are to be parted by group, and the dataset has no groups', {
      where: `${WHERE}.by`,
      fix: 'Choose "by: class", or options of the dataset that give it groups.',
    });
  }
  if (by !== 'class' || split.groups === undefined) return split;
  const { size, labels, ids } = split;
  return { size, labels, ids, read: (...what) => split.read(...what) };
}

function cutOff(split: Split, fraction: number, random: RandomStream): { rest: Split; cut: Split; chosen: number[] } {
  const { labels, groups } = split;
  const chosen = chooseRows(labels, { fraction, random: random.at('validation'), groups });
  const { rest, chosen: cut } = partRows(split, chosen);
  if (rest.size === 0 || cut.size === 0) {
    throw new EquimodalError(
      'EQM_DATA_SPLIT',
      `a validation share of ${fraction} leaves ${rest.size} training and ${cut.size} validation rows`,
      {
        where: `${WHERE}.validation`,
        fix: 'Choose another fraction; by group there must be at least two groups.',
      },
    );
  }
  return { rest, cut, chosen: [...chosen].sort((a, b) => a - b) };
}

/** The dataset with other splits, and a fingerprint that says which. */
function renewed(
  dataset: LoadedDataset,
  protocol: Protocol,
  splits: LoadedDataset['splits'],
  notes: readonly string[],
  parts: Iterable<number>,
): LoadedDataset {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([dataset.fingerprint, protocol]));
  hash.update(Int32Array.from(parts));
  return { ...dataset, splits, fingerprint: hash.digest('hex'), notes: [...(dataset.notes ?? []), ...notes] };
}
