import { extname } from 'node:path';
import { classOf, fileName, firstOf, readNamedTable, type Post, type PostList, type PostSplit } from '../image-text/posts.js';
import { malformed, readBytes } from '../readers/bytes.js';
import { textLines } from '../readers/text.js';

const STEMS: Readonly<Record<PostSplit, readonly string[]>> = {
  train: ['train', 'train_data'],
  validation: ['dev', 'valid', 'valid_data', 'val'],
  test: ['test', 'test_data'],
};

/** Paths of the list of a split below the folder of the dataset, in the order in which they are looked for. */
export function listNames(split: PostSplit): string[] {
  return ['', 'annotations/'].flatMap((folder) =>
    STEMS[split].flatMap((stem) => ['.tsv', '.txt', '.csv'].map((ending) => `${folder}${stem}${ending}`)),
  );
}

/**
 * The list of a split; undefined where there is none. Tab-separated lists with columns named `ImageID`, `String` and `Label` are read by name,
 * others by position: index, label, image, text, target.
 *
 * @throws EQM_DATA_MALFORMED naming file and line.
 */
export function readTwitterList(folder: string, split: PostSplit): PostList | undefined {
  const file = firstOf(folder, listNames(split));
  if (file === undefined) return undefined;
  if (extname(file).toLowerCase() === '.txt') return { file, posts: fourLines(file), notes: [] };
  const named = (textLines(readBytes(file), file)[0] ?? '').split(/[\t,]/).some((name) => name.trim().toLowerCase() === 'imageid');
  const quoting = extname(file).toLowerCase() === '.csv';
  return { file, posts: named || quoting ? readNamedTable(file, { classes: 3, quoting }) : byPosition(file), notes: [] };
}

/** Five columns by position; the header is not to be trusted: that of the original test list names four. Quotes are text. */
function byPosition(file: string): Post[] {
  const lines = textLines(readBytes(file), file);
  return lines.slice(1).flatMap((line, i) => {
    if (line === '') return [];
    const place = `line ${i + 2}`;
    const cells = line.split('\t');
    if (cells.length !== 5) throw malformed(file, place, `expected index, label, image, text and target, got ${cells.length} columns`);
    const [, label, image, text, target] = cells as [string, string, string, string, string];
    return [post(fileName(image.trim(), file, place), text, target, classOf(label, 3, file, place))];
  });
}

/** Four lines a post: text with `$T$`, target, polarity -1, 0 or 1, image. */
function fourLines(file: string): Post[] {
  const lines = textLines(readBytes(file), file);
  while (lines.at(-1)?.trim() === '') lines.pop();
  if (lines.length % 4 !== 0)
    throw malformed(file, `line ${lines.length}`, `${lines.length} lines are no multiple of four: text, target, polarity, image`);
  return Array.from({ length: lines.length / 4 }, (_, i) => {
    const [text, target, polarity, image] = lines.slice(4 * i, 4 * i + 4) as [string, string, string, string];
    if (!/^\s*(-1|0|1)\s*$/.test(polarity))
      throw malformed(file, `line ${4 * i + 3}`, `the polarity "${polarity.slice(0, 40)}" is not -1, 0 or 1`);
    return post(fileName(image.trim(), file, `line ${4 * i + 4}`), text, target, Number(polarity) + 1);
  });
}

function post(image: string, text: string, target: string, label: number): Post {
  return { id: `${image}: ${target}`, text, target, label, image };
}
