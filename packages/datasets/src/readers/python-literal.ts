import type { EquimodalError } from '@equimodal/core';
import { malformed, readBytes } from './bytes.js';
import { textLines } from './text.js';

/** A value of Python's literal syntax; lists and tuples are both lists. */
export type PythonLiteral = string | number | boolean | null | readonly PythonLiteral[];

const DEEPEST = 32;
const WORDS: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };
const ESCAPES: Readonly<Record<string, string>> = {
  ...{ '\n': '', '\\': '\\', "'": "'", '"': '"' },
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};
const CODE_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/**
 * Parses one Python literal: strings ('...' or "...", with Python's escapes; an unknown escape keeps its backslash), numbers, True,
 * False, None, and lists and tuples of them. Data only: nothing is evaluated.
 *
 * @param place line of the file, for messages.
 * @throws EQM_DATA_MALFORMED naming the column.
 */
export function parsePythonLiteral(text: string, file: string, place = 'line 1'): PythonLiteral {
  const parser = new LiteralParser(text, file, place);
  const value = parser.value(0);
  parser.end();
  return value;
}

/** Parses one list a line, as the text files of the sarcasm set have it; empty lines are skipped. */
export function parsePythonLists(bytes: Uint8Array, file: string): { readonly line: number; readonly items: readonly PythonLiteral[] }[] {
  return textLines(bytes, file).flatMap((text, i) => {
    if (text.trim() === '') return [];
    const place = `line ${i + 1}`;
    const items = parsePythonLiteral(text, file, place);
    if (!Array.isArray(items)) throw malformed(file, place, 'expected a Python list');
    return [{ line: i + 1, items: items as readonly PythonLiteral[] }];
  });
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export function readPythonLists(path: string): ReturnType<typeof parsePythonLists> {
  return parsePythonLists(readBytes(path), path);
}

/** What stands in a string as itself. */
const PLAIN = { single: /[^'\\]*/y, double: /[^"\\]*/y };

class LiteralParser {
  #at = 0;

  constructor(
    private readonly text: string,
    private readonly file: string,
    private readonly place: string,
  ) {}

  #fail(what: string): EquimodalError {
    return malformed(this.file, `${this.place}, column ${this.#at + 1}`, what);
  }

  #space(): void {
    while (/\s/.test(this.text[this.#at] ?? '')) this.#at++;
  }

  end(): void {
    this.#space();
    if (this.#at < this.text.length) throw this.#fail('there is more text behind the literal');
  }

  value(depth: number): PythonLiteral {
    if (depth > DEEPEST) throw this.#fail(`lists are nested more than ${DEEPEST} deep`);
    this.#space();
    const first = this.text[this.#at];
    if (first === undefined) throw this.#fail('the text ends where a value is expected');
    if (first === '[') return this.#list(']', depth);
    if (first === '(') return this.#list(')', depth);
    if (first === "'" || first === '"') return this.#string(first);
    const token = /[^\s,[\]()'"]+/y;
    token.lastIndex = this.#at;
    const word = token.exec(this.text)?.[0] ?? first;
    if (word === 'u' && /['"]/.test(this.text[this.#at + 1] ?? '')) return this.#string(this.text[++this.#at]!);
    const value = Object.hasOwn(WORDS, word) ? WORDS[word]! : number(word);
    if (value === undefined) throw this.#fail(`"${word.slice(0, 40)}" is not a string, a number, True, False or None`);
    this.#at += word.length;
    return value;
  }

  #list(close: string, depth: number): PythonLiteral[] {
    const items: PythonLiteral[] = [];
    this.#at++;
    for (;;) {
      this.#space();
      if (this.text[this.#at] === close) break;
      items.push(this.value(depth + 1));
      this.#space();
      if (this.text[this.#at] === ',') this.#at++;
      else if (this.text[this.#at] !== close) throw this.#fail(`expected "," or "${close}"`);
    }
    this.#at++;
    return items;
  }

  #string(quote: string): string {
    const start = this.#at++;
    const plain = quote === "'" ? PLAIN.single : PLAIN.double;
    let out = '';
    for (;;) {
      plain.lastIndex = this.#at;
      const piece = plain.exec(this.text)![0];
      out += piece;
      this.#at += piece.length;
      const letter = this.text[this.#at++];
      if (letter === quote) return out;
      if (letter === undefined) {
        this.#at = start;
        throw this.#fail('the string has no end');
      }
      out += this.#escape();
    }
  }

  #escape(): string {
    const letter = this.text[this.#at];
    if (letter === undefined) return '\\';
    this.#at++;
    const plain = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (plain !== undefined) return plain;
    const octal = /[0-7]{1,3}/y;
    octal.lastIndex = this.#at - 1;
    const digits = octal.exec(this.text)?.[0];
    if (digits !== undefined) {
      this.#at += digits.length - 1;
      return String.fromCharCode(parseInt(digits, 8));
    }
    const length = Object.hasOwn(CODE_LENGTHS, letter) ? CODE_LENGTHS[letter]! : undefined;
    if (length === undefined) return `\\${letter}`;
    const code = this.text.slice(this.#at, this.#at + length);
    const point = parseInt(code, 16);
    if (code.length < length || !/^[\da-f]+$/i.test(code) || point > 0x10ffff)
      throw this.#fail(`\\${letter} needs ${length} hexadecimal digits`);
    this.#at += length;
    return String.fromCodePoint(point);
  }
}

function number(word: string): number | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) return undefined;
  const value = Number(word);
  return /^[+-]?\d+$/.test(word) && !Number.isSafeInteger(value) ? undefined : value;
}
