import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { malformed, missing } from '../readers/bytes.js';
import { readPythonLists } from '../readers/python-literal.js';
import { splitWords } from '../tokens/tokens.js';

/** Words that give the class away; a tweet with one of them was never released with its image. */
const TELLING = new Set(['sarcasm', 'sarcastic', 'reposting', '<url>', 'joke', 'humour', 'humor', 'jokes', 'irony', 'ironic', 'exgag']);
export const FILES = { train: 'text/train.txt', validation: 'text/valid2.txt', test: 'text/test2.txt' } as const;
const ATTRIBUTES = 'extract/extract_all';

export interface Tweet {
  readonly id: string;
  readonly words: readonly string[];
  readonly label: number;
}

/** Tweets of one split, and why others are left out. */
export interface Tweets {
  readonly tweets: readonly Tweet[];
  readonly lines: number;
  readonly telling: number;
}

/** @throws EQM_DATA_MISSING with every path that is not there. */
export function requireFiles(root: string): void {
  const absent = [...Object.values(FILES), ATTRIBUTES].map((name) => join(root, name)).filter((path) => !existsSync(path));
  if (absent.length > 0) throw missing('files of the sarcasm set are missing', absent);
}

/**
 * Reads tweets, one Python list a line: `[id, text, label]`, or `[id, text, label of the hashtag, label of people]`.
 *
 * @throws EQM_DATA_MALFORMED naming file and line.
 */
export function readTweets(path: string, { labels, telling }: { labels: 'human' | 'hashtag'; telling: 'drop' | 'keep' }): Tweets {
  const rows = readPythonLists(path);
  const tweets: Tweet[] = [];
  let dropped = 0;
  for (const { line, items } of rows) {
    const [id, text, hashtag] = items;
    const label = labels === 'human' ? items.at(-1) : hashtag;
    if (items.length < 3 || items.length > 4 || typeof id !== 'string' || typeof text !== 'string' || (label !== 0 && label !== 1))
      throw malformed(
        path,
        `line ${line}`,
        'expected [id, text, label] or [id, text, label of the hashtag, label of people], labels 0 or 1',
      );
    const words = splitWords(text);
    if (telling === 'drop' && words.some((word) => TELLING.has(word))) dropped++;
    else tweets.push({ id, words, label });
  }
  return { tweets, lines: rows.length, telling: dropped };
}

/** Attributes of the images: five words by the id of the tweet. @throws EQM_DATA_MALFORMED naming the line. */
export function readAttributes(root: string): ReadonlyMap<string, readonly string[]> {
  const path = join(root, ATTRIBUTES);
  return new Map(
    readPythonLists(path).map(({ line, items }) => {
      const [id, ...words] = items;
      if (typeof id !== 'string' || words.some((word) => typeof word !== 'string'))
        throw malformed(path, `line ${line}`, 'expected [id, word, ...]');
      return [id, words as string[]] as const;
    }),
  );
}
