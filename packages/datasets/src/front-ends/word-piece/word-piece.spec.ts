import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wordPiece } from './word-piece.js';
import fixture from './word-piece.fixture.json' with { type: 'json' };

const { vocabulary } = fixture;

describe('wordPiece', () => {
  it('gives the ids of transformers’ BertTokenizer', () => {
    for (const { text, pair, ids, ...options } of fixture.cases) {
      const encoded = wordPiece({ vocabulary, ...options }).encode(text, pair ?? undefined);
      expect([...encoded], JSON.stringify({ text, pair, ...options })).toEqual(ids);
    }
  });

  it('takes a text of known pieces apart as it was put together', () => {
    const words = ['the', 'jump', 'dog', '!', 'unaffable', '中'];
    const pieces: Record<string, string[]> = { unaffable: ['un', '##aff', '##able'] };
    const encoder = wordPiece({ vocabulary, maxLength: 40, specialTokens: false });
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 12 }), (chosen) => {
        const expected = chosen.flatMap((word) => pieces[word] ?? [word]).map((piece) => vocabulary.indexOf(piece));
        expect([...encoder.encode(chosen.join(' '))].slice(0, expected.length + 1)).toEqual([...expected, 0]);
      }),
    );
  });

  it('fills any texts to one length: first, text, separator, pair, separator, nothing', () => {
    const encoder = wordPiece({ vocabulary, maxLength: 12 });
    const [first, separator] = ['[CLS]', '[SEP]'].map((token) => vocabulary.indexOf(token));
    const plain = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('['));
    fc.assert(
      fc.property(plain, fc.option(plain, { nil: undefined }), (text, pair) => {
        const ids = [...encoder.encode(text, pair)];
        expect(ids).toHaveLength(12);
        expect(ids[0]).toBe(first);
        expect(ids.filter((id) => id === separator)).toHaveLength(pair === undefined ? 1 : 2);
        expect(ids.slice(ids.lastIndexOf(separator!) + 1).every((id) => id === 0)).toBe(true);
        expect(ids.every((id) => id >= 0 && id < vocabulary.length)).toBe(true);
      }),
    );
  });

  it('passes over the empty line at the end of a vocab.txt', () => {
    const lines = `${vocabulary.join('\n')}\n`.split('\n');
    expect([...wordPiece({ vocabulary: lines, maxLength: 4 }).encode('the')]).toEqual([2, 5, 3, 0]);
  });

  it('refuses a vocabulary without the tokens it needs, and a length without room', () => {
    const invalid = expect.objectContaining({ code: 'EQM_CONFIG_INVALID', where: 'wordPiece' });
    expect(() => wordPiece({ vocabulary: ['the'], maxLength: 4 })).toThrow(invalid);
    expect(() => wordPiece({ vocabulary: ['[UNK]', 'the'], maxLength: 4 })).toThrow(invalid);
    expect([...wordPiece({ vocabulary: ['[PAD]', '[UNK]', 'the'], maxLength: 3, specialTokens: false }).encode('the x')]).toEqual([
      2, 1, 0,
    ]);
    expect(() => wordPiece({ vocabulary, maxLength: 2 })).toThrow(invalid);
    expect(() => wordPiece({ vocabulary, maxLength: 2.5 })).toThrow(invalid);
    expect(() => wordPiece({ vocabulary, maxLength: 4 }).encode('the', 'dog')).toThrow(invalid);
  });
});
