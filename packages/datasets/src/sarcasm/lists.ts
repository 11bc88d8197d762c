import { basename, extname } from 'node:path';
import {
  classOf,
  fileName,
  firstOf,
  readNamedTable,
  readPostArray,
  type Post,
  type PostList,
  type PostSplit,
} from '../image-text/posts.js';
import { malformed } from '../readers/bytes.js';
import { readPythonLists, type PythonLiteral } from '../readers/python-literal.js';

/** Names of the lists, in the order in which they are looked for: the original ones, then the re-annotations. */
const STEMS: Readonly<Record<PostSplit, { readonly original: readonly string[]; readonly stems: readonly string[] }>> = {
  train: { original: ['text/train.txt', 'train.txt'], stems: ['train_data', 'train'] },
  validation: { original: ['text/valid2.txt', 'valid2.txt'], stems: ['valid_data', 'valid', 'val_data', 'val'] },
  test: { original: ['text/test2.txt', 'test2.txt'], stems: ['test_data', 'test'] },
};

/** Paths of the list of a split below the folder of the dataset. */
export function listNames(split: PostSplit): string[] {
  const { original, stems } = STEMS[split];
  const others = ['annotations/', ''].flatMap((folder) =>
    stems.flatMap((stem) => ['.json', '.tsv', '.csv'].map((ending) => `${folder}${stem}${ending}`)),
  );
  return [...original, ...others];
}

/** Posts with one of these words are no part of the set: they tell the label, or their images were never released. */
export const GIVEAWAYS: ReadonlySet<string> = new Set(
  'sarcasm sarcastic reposting <url> joke humour humor jokes irony ironic exgag'.split(' '),
);

export interface SarcasmListOptions {
  /** Leave out posts with a word of `GIVEAWAYS`; the re-annotations have none. */
  readonly giveaways: 'drop' | 'keep';
  /** Of the original validation and test lists: the label of people, or that of the hashtag. */
  readonly labels: 'human' | 'hashtag';
  readonly quoting: boolean;
}

/**
 * The list of a split; undefined where there is none.
 *
 * @throws EQM_DATA_MALFORMED naming file and line.
 */
export function readSarcasmList(folder: string, split: PostSplit, options: SarcasmListOptions): PostList | undefined {
  const file = firstOf(folder, listNames(split));
  if (file === undefined) return undefined;
  switch (extname(file).toLowerCase()) {
    case '.txt':
      return originalList(file, split, options);
    case '.json':
      return { file, posts: readPostArray(file, 2), notes: [] };
    default:
      return { file, posts: readNamedTable(file, { classes: 2, quoting: options.quoting }), notes: [] };
  }
}

/** Lines `['<tweet>', <text>, <label>]`; in the validation and test lists `[..., <hashtag's label>, <people's label>]`. */
function originalList(file: string, split: PostSplit, { giveaways, labels }: SarcasmListOptions): PostList {
  const lines = readPythonLists(file);
  const posts = lines.map(({ line, items }) => postOf(items, file, `line ${line}`, labels));
  const dropped = giveaways === 'drop' ? posts.filter(({ text }) => givesAway(text)) : [];
  const gone = new Set(dropped);
  const notes =
    dropped.length === 0
      ? []
      : [`${split}: ${dropped.length} of ${posts.length} rows of ${basename(file)} dropped: a word that gives the label away`];
  return { file, posts: posts.filter((post) => !gone.has(post)), notes };
}

export function givesAway(text: string): boolean {
  return text.split(/\s+/).some((word) => GIVEAWAYS.has(word));
}

function postOf(items: readonly PythonLiteral[], file: string, place: string, labels: SarcasmListOptions['labels']): Post {
  const [id, text, first, second] = items;
  if ((items.length !== 3 && items.length !== 4) || typeof id !== 'string' || typeof text !== 'string')
    throw malformed(
      file,
      place,
      `expected [tweet, text, label] or [tweet, text, label of the hashtag, label of people], got ${items.length} items`,
    );
  const label = labels === 'human' ? (second ?? first) : first;
  return { id, text, label: classOf(label, 2, file, place), image: `${fileName(id, file, place)}.jpg` };
}

/** Five words for what is in the image of each tweet: lines `['<tweet>', '<word>', ...]`. */
export function readAttributes(folder: string): { readonly file: string; readonly words: ReadonlyMap<string, string> } | undefined {
  const file = firstOf(folder, ['extract/extract_all', 'extract_all']);
  if (file === undefined) return undefined;
  const words = readPythonLists(file).map(({ line, items }): [string, string] => {
    const [id, ...rest] = items;
    if (typeof id !== 'string' || !rest.every((word) => typeof word === 'string'))
      throw malformed(file, `line ${line}`, 'expected a tweet and words');
    return [id, rest.join(' ')];
  });
  return { file, words: new Map(words) };
}
