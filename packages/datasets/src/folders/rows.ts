import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { EquimodalError } from '@equimodal/core';
import { IMAGE_ENDINGS, listFiles } from '../images/list.js';
import { ARRAY_ENDINGS } from '../media/arrays/arrays.js';
import { malformed, missing } from '../readers/bytes.js';
import type { FolderModality } from './options.js';

/** Names of a split's folder; the first that is there counts. */
const SPLITS = { train: ['train'], validation: ['validation', 'valid', 'val', 'dev'], test: ['test'] } as const;
export type SplitName = keyof typeof SPLITS;

const ENDINGS: Readonly<Record<FolderModality['kind'], readonly string[]>> = {
  image: IMAGE_ENDINGS,
  video: [],
  spectrogram: ['.wav'],
  vector: ARRAY_ENDINGS,
  tokens: ['.txt'],
};

/** Files of one row, by modality. */
export interface FolderRow {
  readonly id: string;
  readonly label: number;
  readonly files: Readonly<Record<string, readonly string[]>>;
}

export interface FolderSplit {
  readonly folder: string;
  readonly rows: readonly FolderRow[];
  readonly notes: readonly string[];
}

/** Folder of a split, or undefined. */
export function splitFolder(root: string, split: SplitName): string | undefined {
  return SPLITS[split].map((name) => join(root, name)).find((path) => existsSync(path));
}

/** Names of the classes: the folders of the training split, in order. */
export function classesOf(folder: string): string[] {
  const classes = foldersIn(folder);
  if (classes.length < 2) throw missing(`at least two classes are needed, the folder holds ${classes.length}`, [folder]);
  return classes;
}

/**
 * Rows of a split: what has one name (without its ending) in the folders of all modalities of a class.
 *
 * @throws EQM_DATA_MALFORMED for two files of one name, a class that training does not have, or an incomplete row that is not to be
 * dropped.
 */
export function readRows(
  folder: string,
  split: SplitName,
  classes: readonly string[],
  modalities: Readonly<Record<string, FolderModality>>,
  incomplete: 'drop' | 'error',
): FolderSplit {
  const rows: FolderRow[] = [];
  const notes: string[] = [];
  const lacking: Record<string, number> = {};
  const foreign = foldersIn(folder).filter((name) => !classes.includes(name));
  if (foreign.length > 0) throw malformed(folder, '', `training rows have no class ${foreign.slice(0, 10).join(', ')}`);
  for (const [label, name] of classes.entries()) {
    if (!existsSync(join(folder, name))) {
      notes.push(`${split}: no rows of class ${name}`);
      continue;
    }
    const found = Object.entries(modalities).map(
      ([modality, { kind }]) => [modality, entriesOf(join(folder, name, modality), kind)] as const,
    );
    const ids = [...new Set(found.flatMap(([, entries]) => [...entries.keys()]))].sort();
    for (const id of ids) {
      const absent = found.filter(([, entries]) => !entries.has(id)).map(([modality]) => modality);
      if (absent.length > 0) {
        if (incomplete === 'error')
          throw malformed(
            join(folder, name),
            '',
            `row "${id}" has no ${absent.join(', ')}`,
            undefined,
            'Add the files, or set "incomplete: drop".',
          );
        for (const modality of absent) lacking[modality] = (lacking[modality] ?? 0) + 1;
        continue;
      }
      rows.push({
        id: `${name}/${id}`,
        label,
        files: Object.fromEntries(found.map(([modality, entries]) => [modality, entries.get(id)!])),
      });
    }
  }
  for (const [modality, count] of Object.entries(lacking))
    notes.push(`${split}: ${count} rows dropped or incomplete: there is no "${modality}"`);
  if (rows.length === 0) throw new EquimodalError('EQM_DATA_SPLIT', `the ${split} split has no complete row`, { where: folder });
  return { folder, rows, notes };
}

/** Files by id. */
function entriesOf(folder: string, kind: FolderModality['kind']): Map<string, string[]> {
  const entries = new Map<string, string[]>();
  if (!existsSync(folder)) return entries;
  if (kind === 'video') {
    for (const name of foldersIn(folder)) {
      const frames = listFiles(join(folder, name), { order: 'number' });
      if (frames.length > 0) entries.set(name, frames);
    }
    return entries;
  }
  for (const file of listFiles(folder, { endings: ENDINGS[kind] })) {
    const id = file.slice(folder.length + 1, file.length - extname(file).length);
    if (entries.has(id)) throw malformed(file, '', `two files of one row: ${entries.get(id)![0]} is there as well`);
    entries.set(id, [file]);
  }
  return entries;
}

/** Folders, in order; hidden ones are left out, and links are not followed out of the data. */
function foldersIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.') && lstatSync(join(folder, name)).isDirectory())
    .sort();
}
