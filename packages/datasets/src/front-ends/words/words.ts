import { padded, roomFor, type TextEncoder } from '../text/text.js';

/** Stands for words that are not in the vocabulary. */
const UNKNOWN = 1;
const SPECIAL = ['[PAD]', '[UNK]'] as const;

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/**
 * The words of texts that occur at least `minCount` times, the most frequent first (equals by code point), behind `[PAD]` and `[UNK]`: fit it on
 * training texts only.
 */
export function countWords(texts: Iterable<string>, minCount = 2): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const kept = [...counts].filter(([, count]) => count >= minCount);
  kept.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return [...SPECIAL, ...kept.map(([word]) => word)];
}

/**
 * Words between blanks as numbers of a vocabulary made by `countWords`: int32 [maxLength], 0 behind them, 1 for words it lacks; longer texts are cut at the
 * end. A pair stands behind its text and is kept whole where it has room.
 *
 * @throws EQM_CONFIG_INVALID when maxLength has no room for a word.
 */
export function wordNumbers({
  vocabulary,
  maxLength,
}: {
  readonly vocabulary: readonly string[];
  readonly maxLength: number;
}): TextEncoder {
  const ids = new Map(vocabulary.map((word, id) => [word, id]));
  roomFor(1, maxLength, 0, 'wordNumbers');
  const numbers = (text: string): number[] => wordsOf(text).map((word) => ids.get(word) ?? UNKNOWN);
  return {
    encode(text, pair = '') {
      const behind = numbers(pair).slice(0, maxLength);
      return padded([...numbers(text).slice(0, maxLength - behind.length), ...behind], maxLength);
    },
  };
}
