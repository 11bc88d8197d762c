import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coded, survives } from '../data-root.fixture.js';
import { damaged } from './encode.fixture.js';
import { parseJson, parseJsonLines } from './json.js';
import { parsePythonLists, parsePythonLiteral } from './python-literal.js';
import { textLines } from './text.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('text', () => {
  it('splits at LF and CRLF, and drops a byte-order mark', () => {
    expect(textLines(bytes('\ufeffa\r\nb\n\nc\n'), 'a')).toEqual(['a', 'b', '', 'c']);
    expect(textLines(bytes(''), 'a')).toEqual([]);
  });

  it('names the line that is not UTF-8', async () => {
    const error = await coded(() => textLines(Uint8Array.from([65, 10, 66, 10, 0xff, 10]), 'a.txt'));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
    expect(error.where).toBe('a.txt, line 3');
  });
});

describe('json', () => {
  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJson(bytes(text), 'a')).toEqual(JSON.parse(text));
      }),
    );
    expect(parseJsonLines(bytes('{"a":1}\r\n\r\n[2]\n'), 'a')).toEqual([{ a: 1 }, [2]]);
  });

  it('names the line at fault', async () => {
    expect((await coded(() => parseJson(bytes('{"a": 1,\n"b" 2}'), 'a.json'))).where).toBe('a.json, line 2');
    expect((await coded(() => parseJsonLines(bytes('1\n{'), 'a.json'))).where).toBe('a.json, line 2');
  });

  it('survives damaged files', () => {
    fc.assert(fc.property(damaged(bytes('[{"id": "a", "value": [1.5, null]}]')), (input) => survives(() => parseJson(input, 'a'))));
    const deep = bytes('['.repeat(200_000));
    survives(() => parseJson(deep, 'a'));
  });
});

describe('python literals', () => {
  it('reads strings of both quotes with their escapes, numbers and words', () => {
    expect(parsePythonLiteral(`['12', "won't \\u2764 \\x41\\n\\\\ \\q", 'it\\'s', -1, 2.5e3, True, None, (1, [])]`, 'a')).toEqual([
      '12',
      "won't \u2764 A\n\\ \\q",
      "it's",
      -1,
      2500,
      true,
      null,
      [1, []],
    ]);
    expect(parsePythonLiteral("u'\\U0001f600\\101'", 'a')).toBe('\u{1f600}A');
  });

  it('reads back what was written', () => {
    const literal = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary' }).filter((text) => !/[\u0000-\u001f\u007f-\u00a0\u2028\u2029\ufeff]/.test(text)),
        fc.integer().map((value) => value + 0),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
      ),
    })).value;
    const write = (value: unknown): string => {
      if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`;
      if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
      return value === null ? 'None' : value === true ? 'True' : value === false ? 'False' : String(value);
    };
    fc.assert(
      fc.property(literal, (value) => {
        expect(parsePythonLiteral(write(value), 'a')).toEqual(value);
      }),
    );
  });

  it('reads one list a line and keeps the numbers of the lines', () => {
    expect(parsePythonLists(bytes("['a', 1]\r\n\r\n['b', 0]\r\n"), 'a')).toEqual([
      { line: 1, items: ['a', 1] },
      { line: 3, items: ['b', 0] },
    ]);
  });

  it.each([
    ["['a', 1", 'column 8'],
    ["['a' 1]", 'column 6'],
    ["['a", 'column 2'],
    ["['a\\", 'column 2'],
    ['[open("x")]', 'column 2'],
    ['[1] + [2]', 'column 5'],
    ["['\\u12']", 'column 5'],
    ['[123456789012345678901]', 'column 2'],
    ['['.repeat(100), 'column 34'],
    ["'a'", 'line 2'],
  ])('refuses %j, naming the place', async (text, place) => {
    const error = await coded(() => parsePythonLists(bytes(`[1]\n${text}\n`), 'a.txt'));
    expect(error.code).toBe('EQM_DATA_MALFORMED');
    expect(error.where).toContain('a.txt, line 2');
    expect(error.where).toContain(place);
  });

  it('survives damaged files', () => {
    fc.assert(fc.property(damaged(bytes("['12', \"won't\", 'it\\'s', 1]\r\n")), (input) => survives(() => parsePythonLists(input, 'a'))));
  });
});
