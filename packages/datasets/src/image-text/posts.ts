import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { malformed, missing, readBytes } from '../readers/bytes.js';
import { parseCsv, type CsvTable } from '../readers/csv.js';
import { readJson } from '../readers/json.js';

/** One row of a list. */
export interface Post {
  /** What it is called in messages and the hash of a split. */
  readonly id: string;
  readonly text: string;
  /** Whom or what the opinion is about. */
  readonly target?: string;
  /** Class index. */
  readonly label: number;
  /** File name in the folder of images. */
  readonly image: string;
}

/** The rows of a list that are kept, and what became of the others. */
export interface PostList {
  readonly file: string;
  readonly posts: readonly Post[];
  readonly notes: readonly string[];
}

export const POST_SPLITS = ['train', 'validation', 'test'] as const;
export type PostSplit = (typeof POST_SPLITS)[number];

/** The first of the folders, below the root, that holds one of the files. @throws EQM_DATA_MISSING with every place that was looked at. */
export function findFolder(root: string, folders: readonly string[], files: readonly string[], what: string): string {
  const found = folders.find((folder) => files.some((file) => existsSync(join(root, folder, file))));
  if (found !== undefined) return join(root, found);
  throw missing(
    what,
    folders.flatMap((folder) => files.map((file) => join(root, folder, file))),
  );
}

/** The first of the files that is there. */
export function firstOf(folder: string, files: readonly string[]): string | undefined {
  return files.map((file) => join(folder, file)).find((path) => existsSync(path));
}

/** A name of a file without folders. @throws EQM_DATA_MALFORMED for one that leads out of its folder. */
export function fileName(name: string, file: string, place: string): string {
  if (name !== '' && name !== '.' && name !== '..' && !/[/\\\u0000]/.test(name)) return name;
  throw malformed(file, place, `"${name.slice(0, 80)}" is not the name of a file`);
}

/** A whole number in [0, classes), also written as text. @throws EQM_DATA_MALFORMED */
export function classOf(value: unknown, classes: number, file: string, place: string): number {
  const label = typeof value === 'string' && /^\s*[+-]?\d+(\.0*)?\s*$/.test(value) ? Number(value) : value;
  if (typeof label === 'number' && Number.isInteger(label) && label >= 0 && label < classes) return label;
  throw malformed(file, place, `the label ${JSON.stringify(value)?.slice(0, 40) ?? 'nothing'} is not one of 0 to ${classes - 1}`);
}

interface TableOptions {
  readonly classes: number;
  /** Cells may stand in quotes. */
  readonly quoting: boolean;
}

/** A table with the columns `ImageID`, `String` and `Label` in any order (others are ignored), tab-separated where the file is a .tsv. */
export function readNamedTable(path: string, { classes, quoting }: TableOptions): Post[] {
  const table = parseCsv(readBytes(path), path, { header: true, delimiter: extname(path).toLowerCase() === '.tsv' ? '\t' : ',', quoting });
  const [image, text, label] = ['ImageID', 'String', 'Label'].map((name) => columnNamed(table, name));
  return table.rows.map((cells, i): Post => {
    const place = `row ${i + 2}`;
    const name = withoutFolder(cells[image!]!, path, place);
    return { id: name, text: cells[text!]!, label: classOf(cells[label!], classes, path, place), image: name };
  });
}

function columnNamed({ header = [], file }: CsvTable, name: string): number {
  const index = header.findIndex((one) => one.trim().toLowerCase() === name.toLowerCase());
  if (index >= 0) return index;
  throw malformed(file, 'row 1', `there is no column "${name}"; the columns are ${header.map((one) => `"${one}"`).join(', ')}`);
}

/** An array of `{ image, text, label }`; of `image` the part behind the last slash counts. */
export function readPostArray(path: string, classes: number): Post[] {
  const value = readJson(path);
  if (!Array.isArray(value)) throw malformed(path, '', 'expected an array of posts');
  return (value as readonly unknown[]).map((entry, i): Post => {
    const place = `entry ${i + 1}`;
    const { image, text, label } = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
    if (typeof image !== 'string' || typeof text !== 'string') throw malformed(path, place, 'a post has "image" and "text", both text');
    const name = withoutFolder(image, path, place);
    return { id: name, text, label: classOf(label, classes, path, place), image: name };
  });
}

function withoutFolder(image: string, file: string, place: string): string {
  const name = fileName(image.slice(image.lastIndexOf('/') + 1).trim(), file, place);
  return extname(name) === '' ? `${name}.jpg` : name;
}
