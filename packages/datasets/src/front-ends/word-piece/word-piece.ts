import { Tokenizer } from '@huggingface/tokenizers';
import { EquimodalError } from '@equimodal/core';
import { addedTokens, padded, roomFor, truncatePair, type TextEncoder } from '../text/text.js';

export interface WordPieceOptions {
  /** Lines of a `vocab.txt`; the id of a piece is the number of its line. */
  readonly vocabulary: readonly string[];
  /** Lower case without accents, as the uncased vocabularies want. Default true. */
  readonly lowercase?: boolean;
  /** Tokens of every result. */
  readonly maxLength: number;
  /** [CLS] before the text, [SEP] behind it (and behind its pair). Default true. */
  readonly specialTokens?: boolean;
}

const UNKNOWN = '[UNK]';
const FIRST = '[CLS]';
const SEPARATOR = '[SEP]';
/** Written out in a text they stand for themselves; the others are pieces like any. */
const SPECIAL = ['[PAD]', UNKNOWN, FIRST, SEPARATOR, '[MASK]'];
/** Longer words are unknown. */
const LONGEST_WORD = 100;

/**
 * BERT's tokenizer: text is cleaned, cut at blanks, punctuation and around each Chinese character, and each word taken apart into the longest pieces
 * of the vocabulary, `##` marking those that continue a word; a word that cannot be is [UNK].
 *
 * Results are int32 [maxLength], padded with 0; longer texts are cut at the end, of a pair the longer one first.
 *
 * Source: Wu et al., "Google's neural machine translation system", 2016, section 4.1; Devlin et al., 2019. By `@huggingface/tokenizers`.
 *
 * @throws EQM_CONFIG_INVALID when the vocabulary lacks [UNK], or [CLS] or [SEP] where they are wanted, and when maxLength has no room for them.
 */
export function wordPiece({ vocabulary, lowercase = true, maxLength, specialTokens = true }: WordPieceOptions): TextEncoder {
  const vocab = Object.fromEntries(vocabulary.map((piece, id) => [piece, id]).filter(([piece]) => piece !== ''));
  const idOf = (token: string): number => {
    const id = vocab[token];
    if (id !== undefined) return id as number;
    throw new EquimodalError('EQM_CONFIG_INVALID', `the vocabulary of ${vocabulary.length} pieces has no ${token}`, {
      where: 'wordPiece',
      fix: `Give the lines of a vocab.txt that has ${token}${token === UNKNOWN ? '' : ', or set specialTokens to false'}.`,
    });
  };
  idOf(UNKNOWN);
  const [first, separator] = specialTokens ? [idOf(FIRST), idOf(SEPARATOR)] : [0, 0];
  roomFor(1, maxLength, specialTokens ? 2 : 0, 'wordPiece');
  const tokenizer = new Tokenizer(description(vocab as Record<string, number>, lowercase), {});
  const pieces = (text: string): number[] => tokenizer.encode(text, { add_special_tokens: false }).ids;
  return {
    encode(text, pair) {
      const texts = pair === undefined ? 1 : 2;
      const room = roomFor(texts, maxLength, specialTokens ? texts + 1 : 0, 'wordPiece');
      const [left, right] = truncatePair(pieces(text), pair === undefined ? [] : pieces(pair), room);
      if (!specialTokens) return padded([...left, ...right], maxLength);
      return padded([first, ...left, separator, ...(pair === undefined ? [] : [...right, separator])], maxLength);
    },
  };
}

/** What a `tokenizer.json` of an uncased or cased BERT says. */
function description(vocab: Readonly<Record<string, number>>, lowercase: boolean): object {
  return {
    added_tokens: addedTokens(
      vocab,
      SPECIAL.filter((token) => token in vocab),
    ),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: lowercase, lowercase },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: null,
    decoder: null,
    model: {
      type: 'WordPiece',
      unk_token: UNKNOWN,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: LONGEST_WORD,
      vocab,
    },
  };
}
