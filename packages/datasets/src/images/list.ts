import { existsSync, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { missing } from '../readers/bytes.js';

/** Endings of the names of images, in lower case. */
export const IMAGE_ENDINGS: readonly string[] = ['.jpg', '.jpeg', '.png', '.bmp'];

/**
 * Order of the files of a folder, never that of the file system:
 * - `name`: by the code points of the names, as Python's `sorted`;
 * - `number`: by the last number in the name (`frame_2` before `frame_10`), then as `name`.
 */
export type FileOrder = 'name' | 'number';

/** As Python compares texts. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const lastNumber = (name: string): bigint => BigInt(/(\d+)\D*$/.exec(name.slice(0, name.length - extname(name).length))?.[1] ?? -1);

function byNumber(a: string, b: string): number {
  const [x, y] = [lastNumber(a), lastNumber(b)];
  return x < y ? -1 : x > y ? 1 : byCodePoint(a, b);
}

/**
 * Paths of the files of a folder with one of the endings (in any case), in order; hidden files and folders are left out.
 *
 * @throws EQM_DATA_MISSING when the folder is not there.
 */
export function listFiles(
  folder: string,
  { endings = IMAGE_ENDINGS, order = 'name' }: { endings?: readonly string[]; order?: FileOrder } = {},
): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw missing('a folder is missing', [folder]);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.') && endings.includes(extname(entry.name).toLowerCase()))
    .map(({ name }) => name)
    .sort(order === 'name' ? byCodePoint : byNumber)
    .map((name) => join(folder, name));
}
