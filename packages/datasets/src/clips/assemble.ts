import { EquimodalError, type DatasetContext, type LoadedDataset } from '@equimodal/core';
import { SPLITS, type SplitName } from '../features/labels.js';
import { mediaDataset, type MediaRows } from '../media/dataset.js';
import type { MediaSource } from '../media/loader.js';
import type { MediaOptions } from '../media/options.js';
import { orderClasses, type ClassOrder, type Classes } from './classes.js';
import { isAbsent, type Finder } from './finder.js';
import type { ClipLists, ClipRow } from './list.js';
import { Tally } from './tally.js';

export interface ClipParts {
  readonly root: string;
  readonly lists: ClipLists;
  readonly finders: Readonly<Record<string, Finder>>;
  readonly classes: { readonly order: ClassOrder; readonly fixed?: readonly string[] };
  readonly options: MediaOptions & { readonly overlap: 'drop' | 'keep'; readonly incomplete: 'drop' | 'refuse' };
  /** Why a row is left out whatever its files are; undefined for most. */
  readonly exclude?: (row: ClipRow) => string | undefined;
  /** Speaker or video of a clip, and what such are called. */
  readonly groups?: { readonly of: (row: ClipRow) => string; readonly called: string };
  readonly context: Pick<DatasetContext, 'onProgress'>;
  readonly notes?: readonly string[];
}

/** Rows between two reports of progress. */
const REPORT = 256;

interface Kept {
  readonly row: ClipRow;
  readonly sources: Readonly<Record<string, MediaSource>>;
}

/**
 * A dataset of clips: lists, files and classes brought together. Rows that are left out are counted, with the reason, in the notes.
 *
 * @throws EQM_DATA_MISSING when a modality has no files at all; EQM_DATA_SPLIT when a split is left without rows, a fixed class
 * without training rows, or a row is incomplete and `incomplete` is `refuse`.
 */
export async function assembleClips(parts: ClipParts): Promise<LoadedDataset> {
  const { lists, finders, options, groups } = parts;
  for (const finder of Object.values(finders)) finder.check();
  const tallies = new Map(SPLITS.flatMap((split) => (lists[split] === undefined ? [] : [[split, new Tally(split, lists[split].length)]])));
  const listed = withoutRepeats(parts, tallies);
  const found: Partial<Record<SplitName, Kept[]>> = {};
  const total = Object.values(listed).reduce((sum, rows) => sum + rows.length, 0);
  let done = 0;
  for (const split of SPLITS) {
    const rows = listed[split];
    if (rows === undefined) continue;
    found[split] = rows.flatMap(({ row, index }) => {
      if (done++ % REPORT === 0) parts.context.onProgress?.({ task: 'looking for files', done, total });
      return findRow(parts, tallies.get(split)!, row, index) ?? [];
    });
    tallies.get(split)!.requireRows();
  }
  const train = found.train!;
  const classes = orderClasses(
    parts.classes.order,
    train.map(({ row }) => row.label),
    parts.classes.fixed,
  );
  const splits: Partial<Record<SplitName, MediaRows>> = {};
  for (const split of SPLITS) {
    const rows = found[split];
    if (rows !== undefined) splits[split] = rowsOf(parts, classes, rows, tallies.get(split)!);
  }
  return mediaDataset({
    classes: classes.names,
    modalities: Object.fromEntries(
      Object.entries(finders).map(([name, finder]) => [name, { ...finder.modality(train[0]!.sources[name]!), kind: finder.kind }]),
    ),
    splits: { train: splits.train!, validation: splits.validation, test: splits.test! },
    root: parts.root,
    options,
    notes: [
      ...[...tallies.values()].map((tally) => tally.note()),
      ...(groups === undefined ? [] : sharedGroups(splits, groups.called)),
      ...Object.values(finders).flatMap(({ notes }) => notes ?? []),
      ...(parts.notes ?? []),
    ],
    onProgress: parts.context.onProgress,
  });
}

interface Listed {
  readonly row: ClipRow;
  /** Number in its list. */
  readonly index: number;
}

/** Rows that are not excluded, not listed twice, and not of a split that comes first: test, then validation, then train. */
function withoutRepeats(
  { lists, options, exclude }: ClipParts,
  tallies: ReadonlyMap<SplitName, Tally>,
): Partial<Record<SplitName, Listed[]>> {
  const out: Partial<Record<SplitName, Listed[]>> = {};
  const taken = new Map<string, SplitName>();
  for (const split of ['test', 'validation', 'train'] as const) {
    const rows = lists[split];
    if (rows === undefined) continue;
    const tally = tallies.get(split)!;
    const own = new Map<string, string>();
    out[split] = rows.flatMap((row, index) => {
      const before = own.get(row.name);
      const other = taken.get(row.name);
      const reason =
        exclude?.(row) ??
        (before === undefined ? undefined : before === row.label ? 'a name listed before' : 'a name listed before with another class') ??
        (other === undefined || options.overlap === 'keep' ? undefined : `a name that ${other} has too`);
      own.set(row.name, row.label);
      if (reason === undefined) return [{ row, index }];
      tally.drop(reason, row.name);
      return [];
    });
    for (const name of own.keys()) if (!taken.has(name)) taken.set(name, split);
  }
  return out;
}

function findRow({ finders, options }: ClipParts, tally: Tally, row: ClipRow, index: number): Kept | undefined {
  const sources: Record<string, MediaSource> = {};
  for (const [name, finder] of Object.entries(finders)) {
    const source = finder.find(row, tally.split, index);
    if (!isAbsent(source)) sources[name] = source;
    else if (options.incomplete === 'drop') {
      tally.drop(source.absent, row.name);
      return undefined;
    } else {
      throw new EquimodalError('EQM_DATA_MISSING', `clip "${row.name}" of ${tally.split} has ${source.absent}`, {
        where: row.where,
        fix: 'Complete the files, or set `incomplete: drop` to leave such rows out.',
      });
    }
  }
  return { row, sources };
}

function rowsOf({ finders, groups }: ClipParts, classes: Classes, kept: readonly Kept[], tally: Tally): MediaRows {
  const rows = kept.filter(({ row }) => {
    const known = classes.index(row.label) !== undefined;
    if (!known) tally.drop('a class without training rows', row.name);
    return known;
  });
  tally.requireRows();
  return {
    labels: Int32Array.from(rows, ({ row }) => classes.index(row.label)!),
    sources: Object.fromEntries(Object.keys(finders).map((name) => [name, rows.map(({ sources }) => sources[name]!)])),
    ids: rows.map(({ row }) => row.name),
    ...(groups === undefined ? {} : { groups: rows.map(({ row }) => groups.of(row)) }),
  };
}

/** Says how many speakers or videos of a held-out split training has seen. */
function sharedGroups(splits: Partial<Record<SplitName, MediaRows>>, called: string): string[] {
  const seen = new Set(splits.train!.groups);
  return (['validation', 'test'] as const).flatMap((split) => {
    const groups = new Set(splits[split]?.groups);
    const shared = [...groups].filter((group) => seen.has(group)).length;
    return shared === 0 ? [] : [`${shared} of the ${groups.size} ${called} of ${split} occur in train as well`];
  });
}
