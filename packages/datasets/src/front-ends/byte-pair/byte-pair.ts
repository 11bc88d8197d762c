import { Tokenizer } from '@huggingface/tokenizers';
import { EquimodalError } from '@equimodal/core';
import { addedTokens, padded, roomFor, truncatePair, type TextEncoder } from '../text/text.js';

export interface BytePairOptions {
  /** The content of a `vocab.json`: piece -> id. */
  readonly vocabulary: Readonly<Record<string, number>>;
  /** Lines of a `merges.txt`: two pieces each, the most frequent pair first; a first line `#version` is passed over. */
  readonly merges: readonly string[];
  /** Tokens of every result. CLIP's texts have 77. */
  readonly maxLength: number;
  /** Start and end of text around it. Default true. */
  readonly specialTokens?: boolean;
}

const START = '<|startoftext|>';
const END = '<|endoftext|>';
/** The end of a word, as the pieces of the vocabulary write it. */
const WORD_END = '</w>';

/** What is one word: a special token, an English ending, letters, a digit, or other signs. */
const WORDS = `${START.replaceAll('|', '\\|')}|${END.replaceAll('|', '\\|')}|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+`;

/**
 * CLIP's tokenizer: lower case, cut into words, the bytes of each joined pair by pair in the order of the merges.
 *
 * Results are int32 [maxLength], padded with 0; longer texts are cut before the end of text. A pair of texts is joined with nothing between.
 *
 * Source: Sennrich et al., "Neural machine translation of rare words with subword units", 2016; Radford et al., 2021. By
 * `@huggingface/tokenizers`.
 *
 * @throws EQM_CONFIG_INVALID when the vocabulary lacks the start or the end of text, and when maxLength has no room for them.
 */
export function bytePair({ vocabulary, merges, maxLength, specialTokens = true }: BytePairOptions): TextEncoder {
  for (const token of [START, END]) {
    if (vocabulary[token] === undefined) {
      throw new EquimodalError('EQM_CONFIG_INVALID', `the vocabulary has no ${token}`, {
        where: 'bytePair',
        fix: 'Give the vocab.json of a CLIP model.',
      });
    }
  }
  const room = roomFor(1, maxLength, specialTokens ? 2 : 0, 'bytePair');
  const tokenizer = new Tokenizer(description(vocabulary, merges), {});
  const pieces = (text: string): number[] => tokenizer.encode(text, { add_special_tokens: false }).ids;
  const [start, end] = [vocabulary[START]!, vocabulary[END]!];
  return {
    encode(text, pair) {
      const [left, right] = truncatePair(pieces(text), pair === undefined ? [] : pieces(pair), room);
      const ids = [...left, ...right];
      return padded(specialTokens ? [start, ...ids, end] : ids, maxLength);
    },
  };
}

/** What the `tokenizer.json` of CLIP says. */
function description(vocab: Readonly<Record<string, number>>, merges: readonly string[]): object {
  return {
    added_tokens: addedTokens(vocab, [START, END]),
    normalizer: {
      type: 'Sequence',
      normalizers: [{ type: 'NFC' }, { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' }, { type: 'Lowercase' }],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: WORDS }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
      ],
    },
    post_processor: null,
    decoder: null,
    model: {
      type: 'BPE',
      unk_token: END,
      continuing_subword_prefix: '',
      end_of_word_suffix: WORD_END,
      fuse_unk: false,
      vocab,
      merges: merges.filter((line) => line !== '' && !line.startsWith('#version')),
    },
  };
}
