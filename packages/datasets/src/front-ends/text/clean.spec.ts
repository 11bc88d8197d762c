import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanCaption, lettersOnly, placeTarget } from './clean.js';

const SECOND = "$T$ , shellacked , and it's 2nd http://t.co/a1-b don't_go";

describe('cleaning of texts', () => {
  // The values come from the Python expressions of the released loaders.
  it.each([
    ['RT @ ltsChuckBass : $T$ is everything # MCM', 'rt ltschuckbass t is everything mcm'],
    [SECOND, 't shellacked and it s http t co b don'],
  ])('letters, then as a caption: %s', (text, expected) => {
    expect(cleanCaption(lettersOnly(text))).toBe(expected);
  });

  it('as a caption alone', () => {
    expect(cleanCaption(SECOND)).toBe('$t$ shellacked and its 2nd http tco a1 b dont_go');
    expect(cleanCaption('  A <person> runs!\n\n')).toBe('a person runs');
    expect(cleanCaption('a b c', 2)).toBe('a b');
    expect(cleanCaption('')).toBe('');
  });

  it('takes words of other scripts for words', () => {
    expect(lettersOnly('café naïve ok ¿que? é x_y 3d d3 été')).toBe('ok que');
  });

  it('puts a target in the place of its marker, as it stands', () => {
    expect(placeTarget('$T$ and $T$', "$& $'")).toBe("$& $' and $& $'");
  });

  it('is done once and for all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const letters = lettersOnly(text);
        expect(lettersOnly(letters)).toBe(letters);
        expect(cleanCaption(letters)).toBe(cleanCaption(cleanCaption(letters)));
      }),
    );
  });
});
