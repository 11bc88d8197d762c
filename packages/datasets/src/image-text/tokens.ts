import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { DatasetContext } from '@equimodal/core';
import { bytePair } from '../front-ends/byte-pair/byte-pair.js';
import type { TextEncoder } from '../front-ends/text/text.js';
import { wordPiece } from '../front-ends/word-piece/word-piece.js';
import { countWords, wordNumbers } from '../front-ends/words/words.js';
import { malformed, missing, readBytes } from '../readers/bytes.js';
import { readJson, type JsonValue } from '../readers/json.js';
import { textLines } from '../readers/text.js';
import type { PostOptions } from './options.js';

/** A text and what stands beside it. */
export interface TextPair {
  readonly text: string;
  readonly pair?: string;
}

/** Token ids of texts, and what they stand for. */
export interface Tokens {
  readonly encode: (texts: readonly TextPair[]) => Int32Array;
  readonly vocabulary: readonly string[];
  readonly note: string | undefined;
}

/**
 * How texts become token ids, int32 [texts, maxLength]: word pieces of a `vocab.txt`, byte pairs of a `vocab.json`, or words counted over the training texts.
 *
 * @throws EQM_DATA_MISSING with the places where the vocabulary was looked for; EQM_CONFIG_INVALID where it is
 * none of its kind; EQM_DATA_MALFORMED where it cannot be read.
 */
export function tokensOf(
  training: readonly TextPair[],
  maxLength: number,
  { vocabulary: file, lowercase, specialTokens }: Pick<PostOptions, 'vocabulary' | 'lowercase' | 'specialTokens'>,
  places: Pick<DatasetContext, 'baseDir' | 'dataRoot'>,
): Tokens {
  if (file === 'words') {
    const vocabulary = countWords(training.flatMap(({ text, pair = '' }) => [text, pair]));
    const note = `${vocabulary.length - 2} words occur at least twice in the training texts; all others are one unknown word`;
    return { encode: encoderOf(wordNumbers({ vocabulary, maxLength }), maxLength), vocabulary, note };
  }
  const looked = [...new Set([resolve(places.baseDir, file), ...(places.dataRoot === undefined ? [] : [resolve(places.dataRoot, file)])])];
  const path = looked.find((one) => existsSync(one));
  if (path === undefined) throw missing('the vocabulary is missing', looked);
  if (basename(path) === 'vocab.json') return bytePairs(path, maxLength, specialTokens);
  const vocabulary = textLines(readBytes(path), path);
  return { encode: encoderOf(wordPiece({ vocabulary, lowercase, specialTokens, maxLength }), maxLength), vocabulary, note: undefined };
}

/** Byte pairs: the vocabulary has its merges beside it, as CLIP's folders do. */
function bytePairs(path: string, maxLength: number, specialTokens: boolean): Tokens {
  const merges = join(dirname(path), 'merges.txt');
  if (!existsSync(merges)) throw missing('the merges of the vocabulary are missing', [merges]);
  const ids = readJson(path);
  if (typeof ids !== 'object' || ids === null || Array.isArray(ids)) throw malformed(path, '', 'not a map of pieces to numbers');
  const pieces = Object.entries(ids as Record<string, JsonValue>);
  const vocabulary: string[] = [];
  for (const [piece, id] of pieces) {
    if (!Number.isInteger(id) || (id as number) < 0 || (id as number) >= pieces.length) {
      throw malformed(path, '', `the id of ${JSON.stringify(piece)} is ${JSON.stringify(id)}; ids are 0 to ${pieces.length - 1}`);
    }
    vocabulary[id as number] = piece;
  }
  const encoder = bytePair({
    vocabulary: ids as Readonly<Record<string, number>>,
    merges: textLines(readBytes(merges), merges),
    maxLength,
    specialTokens,
  });
  return { encode: encoderOf(encoder, maxLength), vocabulary, note: undefined };
}

function encoderOf({ encode }: TextEncoder, maxLength: number): Tokens['encode'] {
  return (texts) => {
    const out = new Int32Array(texts.length * maxLength);
    texts.forEach(({ text, pair }, row) => out.set(encode(text, pair), row * maxLength));
    return out;
  };
}
