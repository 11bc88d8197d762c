import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coded, survives, temporaryFolder } from '../../data-root.fixture.js';
import { damaged } from '../encode.fixture.js';
import { parsePickle, pickleAt, pickleNumbers, readPickle } from './pickle.js';
import { PickleArray, PickleBytes, type PickleValue } from './values.js';
import fixture from './pickle.fixture.json' with { type: 'json' };

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const cases = Object.entries(fixture.cases).map(([name, text]) => [name, bytesOf(text)] as const);
const named = (name: keyof typeof fixture.cases): Uint8Array => bytesOf(fixture.cases[name]);
const at = (value: PickleValue, path: string): PickleValue => pickleAt(value, path, 'a.pkl');
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe('pickle', () => {
  it.each(cases.filter(([name]) => name.startsWith('plain')))('reads plain data of %s', (_, bytes) => {
    const value = parsePickle(bytes, 'a.pkl');
    const list = [1, -2, 300, 70000, -(2 ** 40), 1.5, Infinity, true, false, null];
    expect(at(value, 'list')).toEqual(list);
    expect(at(value, 'again')).toEqual(list);
    expect(at(value, 'tuple')).toEqual([1, [2, 3], []]);
    expect(at(value, 'text')).toBe('h\u00e4\u00df \u2764\n\'"\\');
    const raw = at(value, 'bytes');
    expect(raw instanceof PickleBytes && [...raw.read()]).toEqual([0, 255, 32, 97]);
    expect(at(value, '7/nested')).toEqual(new Map());
    expect(at(value, 'large')).toBe(2n ** 70n);
  });

  it.each(cases.filter(([name]) => !name.startsWith('plain')))('reads the NumPy arrays of %s', (_, bytes) => {
    const value = parsePickle(bytes, 'a.pkl');
    const numbers = (path: string) => pickleNumbers(at(value, path), 'a.pkl', path);
    const six = { shape: [2, 3], data: Float32Array.from([0, 1, 2, 3, 4, 5]) };
    expect(numbers('f4')).toEqual(six);
    expect(numbers('fortran')).toEqual(six);
    expect(numbers('big')).toEqual({ shape: [2, 3], data: Float64Array.from(six.data) });
    expect(numbers('i8')).toEqual({ shape: [2, 1], data: Float64Array.from([1, -2]) });
    expect(numbers('u1').data).toEqual(Uint8Array.from([0, 255]));
    expect([...numbers('bool').data]).toEqual([1, 0]);
    expect([...numbers('f2').data]).toEqual([1.5, -2]);
    expect(numbers('empty').shape).toEqual([0, 4]);
    expect(numbers('view')).toEqual({ shape: [3, 2], data: Float32Array.from([0, 3, 1, 4, 2, 5]) });
    const items = (path: string) => (at(value, path) as PickleArray).items();
    expect(items('text')).toEqual(['ab', '\u00e7\u2764']);
    expect(items('bytes')).toEqual(['id_1', 'x']);
    expect(items('objects')).toEqual(['a', 1, null]);
    expect(at(value, 'number')).toBe(2.5);
    expect(at(value, 'integer')).toBe(-7);
  });

  it('leaves arrays in the file and reads some rows of them', () => {
    const path = join(temporaryFolder(), 'a.pkl');
    writeFileSync(path, named('arrays4'));
    const array = at(readPickle(path), 'f4') as PickleArray;
    expect(array.slice(1, 2)).toEqual({ shape: [1, 3], data: Float32Array.from([3, 4, 5]) });
    expect((at(readPickle(path), 'fortran') as PickleArray).slice(1, 2)).toEqual({ shape: [1, 3], data: Float32Array.from([3, 4, 5]) });
  });

  it.each(Object.entries(fixture.refused))('refuses %s by its name and runs nothing', async (name, text) => {
    const error = await coded(() => parsePickle(bytesOf(text), 'bad.pkl'));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
    expect(error.where).toMatch(/bad\.pkl, byte \d+/);
    expect(error.message).toContain(name);
  });

  it.each([
    ['an import', 'cposix\nsystem\n(S"ls"\ntR.', 'posix.system'],
    ['a member of every object', 'cnumpy\nconstructor\n.', 'numpy.constructor'],
    ['an instance', '(i__main__\nThing\n.', '__main__.Thing'],
    ['an empty stack', '.', 'empty stack'],
    ['a missing mark', 't.', 'mark'],
    ['a memo that is not there', 'h\x05.', 'recalls 5'],
    ['an unknown opcode', '\xfe.', 'not an opcode'],
    ['another protocol', '\x80\x09.', 'protocol 9'],
    ['a text longer than the file', 'X\xff\xff\xff\x0fab.', 'truncated'],
    ['a byte string longer than the file', '\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.', 'truncated'],
    ['a frame longer than the file', '\x80\x04\x95\xff\xff\xff\xff\x00\x00\x00\x00N.', 'frame'],
    ['a huge whole number', '\x8b\xff\xff\xff\x7f.', 'whole number'],
    ['a dict with an odd number of items', '(NNNd.', 'no value'],
    ['no end', 'N', 'truncated'],
    [
      'an array of elements without size',
      "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I1000000000\ntcnumpy\ndtype\n(S'U0'\ntRI00\nS''\ntb.",
      'without size',
    ],
    [
      'a shape beyond its bytes',
      "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I1000000000\ntcnumpy\ndtype\n(S'f4'\ntRI00\nS'1234'\ntb.",
      'needs 4000000000 bytes',
    ],
  ])('refuses %s', async (_, text, said) => {
    const error = await coded(() => parsePickle(ascii(text), 'a.pkl'));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
    expect(error.message).toContain(said);
  });

  it('bounds what a file of many small objects takes', async () => {
    const bytes = new Uint8Array(1_000_000).fill(0x7d);
    expect((await coded(() => parsePickle(bytes, 'a.pkl'))).message).toContain('too many objects');
  });

  it('reads lists of numbers as an array, and refuses those of unequal length', async () => {
    const nested = parsePickle(ascii('(lp0\n(F1.5\nI2\nla(I3\nI4\nla.'), 'a');
    expect(pickleNumbers(nested, 'a', 'x')).toEqual({ shape: [2, 2], data: Float64Array.from([1.5, 2, 3, 4]) });
    expect((await coded(() => pickleNumbers(parsePickle(ascii('(l(F1.5\nI2\nla(I3\nla.'), 'a'), 'a', 'x'))).message).toContain('unequal');
    expect((await coded(() => pickleNumbers(parsePickle(ascii('(lp0\nh\x00ag0\na.'), 'a'), 'a', 'x'))).code).toBe('EQM_DATA_MALFORMED');
    expect((await coded(() => at(parsePickle(named('plain2'), 'a'), 'lists'))).message).toContain('did you mean "list"');
  });

  it('survives damaged files', () => {
    for (const [, bytes] of cases) {
      const read = (input: Uint8Array): void => {
        const value = parsePickle(input, 'a');
        if (!(value instanceof Map)) return;
        for (const item of value.values()) if (item instanceof PickleArray) item.items();
      };
      fc.assert(
        fc.property(damaged(bytes), (input) => survives(() => read(input))),
        { numRuns: 60 },
      );
    }
  });
});
