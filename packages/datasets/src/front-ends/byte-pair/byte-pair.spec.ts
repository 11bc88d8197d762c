import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytePair } from './byte-pair.js';
import fixture from './byte-pair.fixture.json' with { type: 'json' };

const { merges } = fixture;
const letters = [...fixture.letters];
const pieces = [
  ...letters,
  ...letters.map((letter) => `${letter}</w>`),
  ...merges.map((merge) => merge.replaceAll(' ', '')),
  '<|startoftext|>',
  '<|endoftext|>',
];
const vocabulary = Object.fromEntries(pieces.map((piece, id) => [piece, id]));
const [start, end] = [pieces.length - 2, pieces.length - 1];

describe('bytePair', () => {
  it('gives the ids of transformers’ CLIPTokenizer', () => {
    for (const { text, ids, maxLength } of fixture.cases) {
      expect([...bytePair({ vocabulary, merges, maxLength }).encode(text)], text).toEqual(ids);
    }
  });

  it('fills any text to one length: start, text, end, nothing', () => {
    const encoder = bytePair({ vocabulary, merges: ['#version: 0.2', ...merges, ''], maxLength: 12 });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (text) => {
        const ids = [...encoder.encode(text)];
        expect(ids).toHaveLength(12);
        expect(ids[0]).toBe(start);
        expect(ids.slice(ids.indexOf(end) + 1).every((id) => id === 0)).toBe(true);
        expect(ids.includes(end)).toBe(true);
      }),
    );
  });

  it('joins a pair, and leaves special tokens out where asked', () => {
    const ids = bytePair({ vocabulary, merges, maxLength: 4, specialTokens: false }).encode('the', 'dog');
    expect([...ids]).toEqual([vocabulary['the</w>'], vocabulary['dog</w>'], 0, 0]);
  });

  it('refuses a vocabulary without the tokens it needs, and a length without room', () => {
    const invalid = expect.objectContaining({ code: 'EQM_CONFIG_INVALID', where: 'bytePair' });
    expect(() => bytePair({ vocabulary: { a: 0 }, merges, maxLength: 4 })).toThrow(invalid);
    expect(() => bytePair({ vocabulary, merges, maxLength: 2 })).toThrow(invalid);
  });
});
