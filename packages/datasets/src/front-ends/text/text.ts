import { EquimodalError } from '@equimodal/core';

/** Text to token ids of one length. */
export interface TextEncoder {
  /** int32 [maxLength] of a text, or of a text and its pair, padded with 0. */
  encode(text: string, pair?: string): Int32Array;
}

/** Special tokens as a `tokenizer.json` lists them. */
export function addedTokens(vocabulary: Readonly<Record<string, number>>, tokens: readonly string[]): object[] {
  const matching = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  return tokens.map((content) => ({ id: vocabulary[content], content, special: true, ...matching }));
}

/** Token ids as int32 [length], 0 behind them. */
export function padded(ids: readonly number[], length: number): Int32Array {
  const row = new Int32Array(length);
  row.set(ids);
  return row;
}

/**
 * The room that is left for text.
 *
 * @throws EQM_CONFIG_INVALID when a result of `maxLength` tokens has none for as many texts.
 */
export function roomFor(texts: number, maxLength: number, specialTokens: number, where: string): number {
  const room = maxLength - specialTokens;
  if (Number.isInteger(maxLength) && room >= texts) return room;
  throw new EquimodalError('EQM_CONFIG_INVALID', `a maxLength of ${maxLength} leaves no room for ${texts === 1 ? 'a text' : 'two texts'}`, {
    where,
    fix: `Give a whole number of at least ${specialTokens + texts}.`,
  });
}

/**
 * A text and its pair cut to `room` tokens together. Of a pair the longer one is cut first; where both are too long each gets half,
 * and the odd token goes to the longer one, to the pair if they are alike (as Hugging Face's `longest_first` does).
 */
export function truncatePair(
  text: readonly number[],
  pair: readonly number[],
  room: number,
): readonly [readonly number[], readonly number[]] {
  if (text.length + pair.length <= room) return [text, pair];
  const shorter = Math.min(text.length, pair.length, Math.floor(room / 2));
  const longer = room - shorter;
  return text.length > pair.length ? [text.slice(0, longer), pair.slice(0, shorter)] : [text.slice(0, shorter), pair.slice(0, longer)];
}
