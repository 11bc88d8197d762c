import { inflateSync } from 'node:zlib';
import { messageOf, suggestion } from '@equimodal/core';
import {
  ByteReader,
  elementCount,
  largestExpansion,
  malformed,
  readBytes,
  toRowMajor,
  type NdArray,
  type NumericData,
  type StorageType,
} from './bytes.js';

/** A variable of a MAT file. Numeric arrays are row-major; cells are in MATLAB's (column-major) order. */
export type MatValue =
  | { readonly kind: 'numeric'; readonly array: NdArray }
  | { readonly kind: 'text'; readonly shape: readonly number[]; readonly rows: readonly string[] }
  | { readonly kind: 'cell'; readonly shape: readonly number[]; readonly cells: readonly MatValue[] }
  | { readonly kind: 'unsupported'; readonly what: string };

/** Element types that hold numbers (miINT8 ...). */
const STORAGE: Readonly<Record<number, StorageType>> = {
  1: 'i1',
  2: 'u1',
  3: 'i2',
  4: 'u2',
  5: 'i4',
  6: 'u4',
  7: 'f4',
  9: 'f8',
  12: 'i8',
  13: 'u8',
  16: 'u1',
  17: 'u2',
  18: 'u4',
};
const MI_MATRIX = 14;
const MI_COMPRESSED = 15;
const MI_UTF8 = 16;
const CELL = 1;
const CHAR = 4;
const COMPLEX = 0x0800;
const DEEPEST = 16;
const UNSUPPORTED: Readonly<Record<number, string>> = {
  2: 'a struct',
  3: 'an object',
  5: 'a sparse matrix',
  16: 'a function handle',
  17: 'an opaque object',
};

/** Array of the class that MATLAB gave the variable; numbers may be stored in a smaller type. */
const CLASSES: Readonly<Record<number, (data: NumericData) => NumericData>> = {
  6: (data) => Float64Array.from(data),
  7: (data) => Float32Array.from(data),
  8: (data) => Int8Array.from(data),
  9: (data) => Uint8Array.from(data),
  10: (data) => Int16Array.from(data),
  11: (data) => Uint16Array.from(data),
  12: (data) => Int32Array.from(data),
  13: (data) => Uint32Array.from(data),
  14: (data) => Float64Array.from(data),
  15: (data) => Float64Array.from(data),
};

/**
 * Parses a MATLAB level-5 MAT file (`-v6`, `-v7`): numeric, logical and character arrays and cells of them, plain or
 * zlib-compressed. Structs, sparse and complex arrays are listed as unsupported; level 7.3 (HDF5) is for `readAnyMat`.
 *
 * @throws EQM_DATA_MALFORMED naming file and offset.
 */
export function parseMat(bytes: Uint8Array, file: string): ReadonlyMap<string, MatValue> {
  const reader = new ByteReader(bytes, file);
  const text = reader.ascii(116, 'the header text');
  reader.take(8, 'the header');
  const marks = bytes.subarray(126, 128);
  reader.littleEndian = marks[0] === 0x49 && marks[1] === 0x4d;
  if (!reader.littleEndian && !(marks[0] === 0x4d && marks[1] === 0x49))
    throw reader.fail('not a level-5 MAT file: there is no endian indicator', 126);
  const version = reader.u16('the version');
  if (version !== 0x0100) {
    throw reader.fail(
      text.includes('7.3') ? 'a level-7.3 MAT file whose HDF5 part is missing' : `unknown MAT version 0x${version.toString(16)}`,
      124,
    );
  }
  reader.u16('the endian indicator');
  const variables = new Map<string, MatValue>();
  while (reader.remaining >= 8) {
    const element = nextElement(reader);
    const inner = element.type === MI_COMPRESSED ? nextElement(inflate(element.data)) : element;
    if (inner.type !== MI_MATRIX) continue;
    const { name, value } = readMatrix(inner.data, 0);
    if (name !== '') variables.set(name, value);
  }
  return variables;
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export function readMat(path: string): ReadonlyMap<string, MatValue> {
  return parseMat(readBytes(path), path);
}

/**
 * A numeric variable by name; `X{2}` is the second cell of X (counted from 1, as in MATLAB).
 *
 * @throws EQM_DATA_MALFORMED when there is none, with the names there are.
 */
export function matNumeric(variables: ReadonlyMap<string, MatValue>, path: string, file: string): NdArray {
  const [, name = path, cells = ''] = /^([^{}]+)((?:\{\d+\})*)$/.exec(path) ?? [];
  let value = variables.get(name);
  if (value === undefined) throw malformed(file, '', `the file has no variable "${name}"; ${suggestion(name, variables.keys())}`);
  for (const [, index] of cells.matchAll(/\{(\d+)\}/g)) {
    if (value.kind !== 'cell') throw malformed(file, `variable ${path}`, `"${name}" is not a cell array there`);
    const cell: MatValue | undefined = value.cells[Number(index) - 1];
    if (cell === undefined) throw malformed(file, `variable ${path}`, `there is no cell ${index}: the array has ${value.cells.length}`);
    value = cell;
  }
  if (value.kind === 'numeric') return value.array;
  const found =
    value.kind === 'cell'
      ? `a cell array of ${value.cells.length}; choose one with "${path}{1}"`
      : value.kind === 'text'
        ? 'text'
        : value.what;
  throw malformed(file, `variable ${path}`, `expected numbers, found ${found}`);
}

interface Element {
  readonly type: number;
  readonly data: ByteReader;
}

/** Reads one tagged element; the small format packs up to four bytes into the tag. */
function nextElement(reader: ByteReader): Element {
  const tag = reader.u32('an element tag');
  const small = tag >>> 16;
  if (small > 4) throw reader.fail(`a small element of ${small} bytes`, reader.offset - 4);
  const type = small === 0 ? tag : tag & 0xffff;
  const size = small === 0 ? reader.u32('an element size') : small;
  const start = reader.offset;
  const bytes = reader.take(size, `an element of type ${type}`);
  const end = small === 0 ? size : 4;
  const padded = type === MI_COMPRESSED ? end : small === 0 ? Math.ceil(end / 8) * 8 : end;
  reader.offset = Math.min(start + padded, reader.bytes.length);
  return { type, data: new ByteReader(bytes, reader.file, reader.littleEndian, reader.base + start) };
}

function inflate(reader: ByteReader): ByteReader {
  try {
    const plain = inflateSync(reader.bytes, { maxOutputLength: largestExpansion(reader.bytes.length) });
    return new ByteReader(plain, reader.file, reader.littleEndian, reader.base);
  } catch (cause) {
    throw malformed(reader.file, reader.base, `a compressed element is damaged or truncated (${messageOf(cause)})`, cause);
  }
}

function readMatrix(reader: ByteReader, depth: number): { name: string; value: MatValue } {
  if (reader.remaining === 0) return { name: '', value: { kind: 'numeric', array: { shape: [0, 0], data: new Float64Array(0) } } };
  if (depth > DEEPEST) throw reader.fail(`cells are nested more than ${DEEPEST} deep`);
  const flags = nextElement(reader).data.u32('the array flags');
  const shape = Array.from(readNumbers(nextElement(reader), 'the dimensions'));
  const name = new TextDecoder().decode(nextElement(reader).data.bytes);
  const kind = flags & 0xff;
  const unsupported = UNSUPPORTED[kind] ?? ((flags & COMPLEX) !== 0 ? 'a complex array' : undefined);
  if (unsupported !== undefined) return { name, value: { kind: 'unsupported', what: unsupported } };
  if (kind === CELL) {
    const count = elementCount(shape, reader.remaining / 8, (what) => reader.fail(what));
    const cells: MatValue[] = [];
    for (let i = 0; i < count; i++) {
      const element = nextElement(reader);
      if (element.type !== MI_MATRIX) throw reader.fail(`a cell holds an element of type ${element.type}`);
      cells.push(readMatrix(element.data, depth + 1).value);
    }
    return { name, value: { kind: 'cell', shape, cells } };
  }
  const element = nextElement(reader);
  if (kind === CHAR) return { name, value: { kind: 'text', shape, rows: readText(element, shape) } };
  const convert = CLASSES[kind];
  if (convert === undefined) throw reader.fail(`unknown array class ${kind}`);
  const stored = readNumbers(element, `the elements of "${name}"`);
  const count = elementCount(shape, stored.length, (what) => element.data.fail(what, 0));
  if (count !== stored.length) throw element.data.fail(`"${name}" has shape [${shape.join(', ')}] and ${stored.length} elements`, 0);
  return { name, value: { kind: 'numeric', array: { shape, data: toRowMajor(convert(stored), shape) } } };
}

function readNumbers({ type, data }: Element, what: string): NumericData {
  const storage = STORAGE[type];
  if (storage === undefined) throw data.fail(`${what} have element type ${type}, which holds no numbers`, 0);
  const width = Number(storage[1]);
  if (data.remaining % width !== 0) throw data.fail(`${what} end within an element`, 0);
  return data.numbers(storage, data.remaining / width, what);
}

/** Rows of a character matrix, trailing blanks removed. */
function readText(element: Element, shape: readonly number[]): string[] {
  const text =
    element.type === MI_UTF8
      ? new TextDecoder().decode(element.data.bytes)
      : Array.from(readNumbers(element, 'the characters'), (code) => String.fromCharCode(code)).join('');
  elementCount(shape, text.length, (what) => element.data.fail(what, 0));
  const rows = Math.min(shape[0] ?? 0, text.length);
  return Array.from({ length: rows }, (_, row) => {
    let line = '';
    for (let at = row; at < text.length; at += shape[0]!) line += text[at]!;
    return line.trimEnd();
  });
}
