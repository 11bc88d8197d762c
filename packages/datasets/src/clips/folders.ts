import { existsSync, readdirSync, statSync } from 'node:fs';
import { extname, isAbsolute, join } from 'node:path';
import type { SplitName } from '../features/labels.js';
import { missing } from '../readers/bytes.js';

/** What the folders of a split are called. Validation clips often lie among those of another split. */
const CALLED: Readonly<Record<SplitName, readonly string[]>> = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'val', 'dev', 'train', 'test'],
  test: ['test', 'testing'],
};

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** The dataset's folder below the data root: `path`, else the first of the usual names that is there, else the data root itself. */
export function datasetFolder(path: string | undefined, names: readonly string[], dataRoot: () => string): string {
  if (path !== undefined) {
    const folder = isAbsolute(path) ? path : join(dataRoot(), path);
    if (!isFolder(folder)) throw missing('the folder of the dataset is missing', [folder]);
    return folder;
  }
  const root = dataRoot();
  return names.map((name) => join(root, name)).find(isFolder) ?? root;
}

/** Paths that a pattern stands for in a split: `{split}` is what its folders are called. */
function pathsOf(root: string, pattern: string, split: SplitName): string[] {
  const names = pattern.includes('{split}') ? CALLED[split] : [''];
  return names.map((name) => join(root, pattern.replaceAll('{split}', name)));
}

/** Folders that files are looked for in, and the names of what lies in them, read once. */
export class Folders {
  readonly #names = new Map<string, ReadonlySet<string>>();
  readonly #folders = new Map<SplitName, readonly string[]>();

  /** @param patterns folders below `root`, in the order of preference; `{split}` stands for train, validation, test. */
  constructor(
    private readonly root: string,
    private readonly patterns: readonly string[],
  ) {}

  /** Those that are there. */
  of(split: SplitName): readonly string[] {
    let folders = this.#folders.get(split);
    if (folders === undefined) {
      folders = [...new Set(this.patterns.flatMap((pattern) => pathsOf(this.root, pattern, split)))].filter(isFolder);
      this.#folders.set(split, folders);
    }
    return folders;
  }

  /** Every path that is looked at. */
  candidates(): string[] {
    const splits: SplitName[] = ['train', 'test'];
    return [...new Set(this.patterns.flatMap((pattern) => splits.map((split) => pathsOf(this.root, pattern, split)[0]!)))];
  }

  /** Names of what lies in a folder. */
  names(folder: string): ReadonlySet<string> {
    let names = this.#names.get(folder);
    if (names === undefined) this.#names.set(folder, (names = new Set(readdirSync(folder))));
    return names;
  }

  /** Whether a folder of some split holds a file with one of the endings. */
  hold(endings: readonly string[]): boolean {
    const folders = new Set((['train', 'validation', 'test'] as const).flatMap((split) => this.of(split)));
    return [...folders].some((folder) => [...this.names(folder)].some((name) => endings.includes(extname(name).toLowerCase())));
  }

  /** The first path that is there: folder by folder, stem by stem, ending by ending. */
  find(split: SplitName, stems: readonly string[], endings: readonly string[]): string | undefined {
    for (const folder of this.of(split)) {
      const names = this.names(folder);
      for (const stem of stems) for (const ending of endings) if (names.has(`${stem}${ending}`)) return join(folder, `${stem}${ending}`);
    }
    return undefined;
  }
}

/** Lists that are looked for, by split. */
export interface ListNames {
  /** Folders below that of the dataset. */
  readonly folders: readonly string[];
  readonly train: readonly string[];
  readonly validation: readonly string[];
  readonly test: readonly string[];
}

export interface GivenLists {
  readonly train: string;
  readonly validation?: string | undefined;
  readonly test: string;
}

/** What a function makes of each list that is there. */
export function mapLists<T>(
  { train, validation, test }: GivenLists,
  fn: (path: string) => T,
): { train: T; validation: T | undefined; test: T } {
  return { train: fn(train), validation: validation === undefined ? undefined : fn(validation), test: fn(test) };
}

/**
 * Paths of the lists: those given, else the first that are there, train and test from one folder.
 *
 * @throws EQM_DATA_MISSING with every path that was looked for.
 */
export function findLists(root: string, given: GivenLists | undefined, names: ListNames): GivenLists {
  const at = (path: string): string => (isAbsolute(path) ? path : join(root, path));
  if (given !== undefined) return mapLists(given, at);
  for (const folder of names.folders) {
    const first = (list: readonly string[]): string | undefined => list.map((name) => join(root, folder, name)).find(existsSync);
    const [train, validation, test] = [first(names.train), first(names.validation), first(names.test)];
    if (train !== undefined && test !== undefined) return { train, validation, test };
  }
  const paths = names.folders.flatMap((folder) => [...names.train, ...names.test].map((name) => join(root, folder, name)));
  throw missing('the lists of clips are missing', paths);
}
