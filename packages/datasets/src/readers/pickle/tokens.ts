import type { EquimodalError } from '@equimodal/core';
import { parsePythonLiteral } from '../python-literal.js';
import type { Cursor } from '../source.js';
import { PickleBytes, type PickleValue } from './values.js';

const LONGEST_TEXT = 2 ** 28;
const LONGEST_NAME = 4096;
/** Bytes of a whole number. */
const LONGEST_INTEGER = 128;
const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const SPECIAL: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, '-inf': -Infinity };

/** The arguments of opcodes: numbers, text and byte strings, in the binary and in the line form. */
export class Tokens {
  constructor(
    readonly cursor: Cursor,
    readonly fail: (what: string) => EquimodalError,
  ) {}

  /** A byte string; it stays in the file. */
  bytes(length: number): PickleBytes {
    return new PickleBytes(this.cursor.source, this.cursor.skip(length, 'a byte string'), length);
  }

  text(length: number, coding: 'utf8' | 'latin1'): string {
    if (length > LONGEST_TEXT) throw this.fail(`a text of ${length} bytes`);
    const bytes = this.cursor.take(length, 'a text');
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(coding);
  }

  line(longest = LONGEST_NAME): string {
    return Buffer.from(this.cursor.line(longest, 'a line')).toString('latin1');
  }

  /** A place in the memo, as a line. */
  index(): number {
    const text = this.line();
    if (!/^\d+$/.test(text)) throw this.fail(`"${text.slice(0, 40)}" is not a place`);
    return Number(text);
  }

  float(): number {
    const text = this.line();
    if (Object.hasOwn(SPECIAL, text)) return SPECIAL[text]!;
    if (!FLOAT.test(text)) throw this.fail(`"${text.slice(0, 40)}" is not a number`);
    return Number(text);
  }

  integer(digits: string): number | bigint {
    if (!/^[+-]?\d{1,300}$/.test(digits)) throw this.fail(`"${digits.slice(0, 40)}" is not a whole number`);
    return narrow(BigInt(digits.replace('+', '')));
  }

  /** Little-endian, two's complement. */
  long(length: number): number | bigint {
    if (length < 0 || length > LONGEST_INTEGER) throw this.fail(`a whole number of ${length} bytes`);
    const bytes = this.cursor.take(length, 'a whole number');
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    return narrow(BigInt.asIntN(8 * length, value));
  }

  /** A line in quotes, with Python's escapes. */
  quoted(): string {
    const text = parsePythonLiteral(this.line(LONGEST_TEXT), this.cursor.source.file, `byte ${this.cursor.offset}`);
    if (typeof text !== 'string') throw this.fail('expected a text in quotes');
    return text;
  }

  /** A line in which \uXXXX and \UXXXXXXXX stand for letters beyond latin1. */
  rawUnicode(): string {
    return this.line(LONGEST_TEXT).replace(/\\u([\da-f]{4})|\\U(00(?:0[\da-f]|10)[\da-f]{4})/gi, (_, short?: string, long?: string) =>
      String.fromCodePoint(parseInt((short ?? long)!, 16)),
    );
  }
}

/** What an opcode pushes that stands for itself: a constant, number, text or byte string. Undefined for other opcodes. */
export function readValue(code: number, tokens: Tokens): PickleValue | undefined {
  const { cursor } = tokens;
  switch (code) {
    case 0x4e:
      return null;
    case 0x88:
      return true;
    case 0x89:
      return false;
    case 0x4b:
      return cursor.u8('a number');
    case 0x4d:
      return cursor.u16('a number');
    case 0x4a:
      return cursor.i32('a number');
    case 0x47:
      return cursor.f64('a number');
    case 0x8a:
      return tokens.long(cursor.u8('a length'));
    case 0x8b:
      return tokens.long(cursor.i32('a length'));
    case 0x49: {
      const text = tokens.line();
      return text === '01' ? true : text === '00' ? false : tokens.integer(text);
    }
    case 0x4c:
      return tokens.integer(tokens.line().replace(/L$/, ''));
    case 0x46:
      return tokens.float();
    case 0x58:
      return tokens.text(cursor.u32('a length'), 'utf8');
    case 0x8c:
      return tokens.text(cursor.u8('a length'), 'utf8');
    case 0x8d:
      return tokens.text(cursor.u64('a length'), 'utf8');
    case 0x55:
      return tokens.text(cursor.u8('a length'), 'latin1');
    case 0x54:
      return tokens.text(cursor.u32('a length'), 'latin1');
    case 0x53:
      return tokens.quoted();
    case 0x56:
      return tokens.rawUnicode();
    case 0x43:
      return tokens.bytes(cursor.u8('a length'));
    case 0x42:
      return tokens.bytes(cursor.u32('a length'));
    case 0x8e:
    case 0x96:
      return tokens.bytes(cursor.u64('a length'));
    default:
      return undefined;
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
