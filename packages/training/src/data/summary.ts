import { createHash } from 'node:crypto';
import type { LoadedDataset, Split } from '@equimodal/core';

export interface SplitSummary {
  readonly rows: number;
  /** Rows of each class, by its name. */
  readonly counts: Readonly<Record<string, number>>;
  /** Number of groups, where the split has groups. */
  readonly groups: number | null;
}

/** What a dataset consists of, without its arrays. */
export interface DatasetSummary {
  readonly splits: Readonly<Record<string, SplitSummary>>;
  /** SHA-256 of which row with which label is in which split. Where rows have no ids the fingerprint stands for them. */
  readonly splitHash: string;
}

/** Rows, classes and groups of every split, and the hash by which two people see that they have the same splits. Reads no arrays. */
export function summarizeDataset(dataset: LoadedDataset): DatasetSummary {
  const splits = Object.entries(dataset.splits) as [string, Split | undefined][];
  const present = splits.flatMap(([name, split]): [string, Split][] => (split === undefined ? [] : [[name, split]]));
  return {
    splits: Object.fromEntries(present.map(([name, split]) => [name, summaryOf(split, dataset.classes)])),
    splitHash: hashOf(present, dataset),
  };
}

function summaryOf({ size, labels, groups }: Split, classes: readonly string[]): SplitSummary {
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label]! += 1;
  return {
    rows: size,
    counts: Object.fromEntries(classes.map((name, label) => [name, counts[label]!])),
    groups: groups === undefined ? null : new Set(groups).size,
  };
}

function hashOf(splits: readonly [string, Split][], { classes, fingerprint }: LoadedDataset): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(classes));
  for (const [name, { size, labels, ids }] of splits) {
    hash.update(`\n${name} ${size}\n`);
    if (ids === undefined) hash.update(`${fingerprint} ${labels.join(' ')}\n`);
    else labels.forEach((label, row) => hash.update(`${label} ${ids[row]}\n`));
  }
  return hash.digest('hex');
}
