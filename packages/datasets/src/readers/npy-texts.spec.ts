import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coded, survives } from '../data-root.fixture.js';
import { damaged, encodeNpy } from './encode.fixture.js';
import { parseNpyTexts } from './npy-texts.js';

const ascii = (text: string, width: number): number[] => Array.from({ length: width }, (_, i) => text.charCodeAt(i) || 0);
const wide = (text: string, width: number): number[] => ascii(text, width).flatMap((code) => [code, 0, 0, 0]);
const bytes = encodeNpy('|S4', [2, 1], Uint8Array.from([...ascii('Ses1', 4), ...ascii('b', 4)]));
const unicode = encodeNpy('<U3', [2], Uint8Array.from([...wide('abc', 3), ...wide('d', 3)]));
/** What Python writes of an object array holding b'Ses1' and 'abc', in protocol 0 (letters). */
const pickled = encodeNpy(
  '|O',
  [2],
  new TextEncoder().encode(
    "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I2\ntcnumpy\ndtype\n(S'O8'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI63\ntbI00\n(lp0\nS'Ses1'\naVabc\natb.",
  ),
);

describe('texts of .npy files', () => {
  it('are read from byte strings, unicode and pickled arrays', () => {
    expect(parseNpyTexts(bytes, 'a.npy')).toEqual(['Ses1', 'b']);
    expect(parseNpyTexts(unicode, 'a.npy')).toEqual(['abc', 'd']);
    expect(parseNpyTexts(pickled, 'a.npy')).toEqual(['Ses1', 'abc']);
  });

  it('are refused where there are none, or not all of them', async () => {
    const error = await coded(() => parseNpyTexts(encodeNpy('<f4', [1], new Uint8Array(4)), 'numbers.npy'));
    expect([error.code, error.message]).toEqual(['EQM_DATA_MALFORMED', 'expected texts, the elements have type "<f4"']);
    expect((await coded(() => parseNpyTexts(bytes.slice(0, -1), 'cut.npy'))).message).toContain('needs 8 bytes');
  });

  it('survive damage', () => {
    for (const whole of [bytes, unicode, pickled])
      fc.assert(fc.property(damaged(whole), (broken) => survives(() => parseNpyTexts(broken, 'a.npy'))));
  });
});
