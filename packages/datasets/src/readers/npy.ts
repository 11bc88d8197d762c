import { suggestion, type EquimodalError } from '@equimodal/core';
import {
  ByteReader,
  decodeNumbers,
  elementCount,
  malformed,
  readBytes,
  STORAGE_TYPES,
  toRowMajor,
  type NdArray,
  type NumericData,
  type StorageType,
} from './bytes.js';
import { MemorySource, type ByteSource } from './source.js';
import { unzip, zipNames } from './zip.js';

/**
 * Parses a NumPy `.npy` file (format 1 to 3): booleans, integers of 1 to 8 bytes, floats of 2, 4 and 8 bytes, little- or
 * big-endian, C or Fortran order (the result is row-major).
 *
 * @throws EQM_DATA_MALFORMED naming file and offset; object, structured, text and complex arrays are refused.
 */
export function parseNpy(bytes: Uint8Array, file: string): NdArray {
  return new NpyFile(new MemorySource(bytes, file)).all();
}

/** A `.npy` file of which rows are read when they are needed. Only the header is read at first. */
export class NpyFile {
  readonly shape: readonly number[];
  /** Numbers of a row of the first axis. */
  readonly rowSize: number;
  readonly #header: Header;
  readonly #start: number;
  readonly #width: number;

  /** @throws EQM_DATA_MALFORMED when the header is none, or the file shorter than it says. */
  constructor(readonly source: ByteSource) {
    const { reader, header, start } = readNpyHead(source);
    this.#header = parseHeader(header, (what) => reader.fail(what, start));
    this.#width = Number(this.#header.type[1]);
    this.#start = reader.offset;
    this.shape = this.#header.shape;
    const count = elementCount(this.shape, (source.size - this.#start) / this.#width, (what) => reader.fail(`truncated: ${what}`));
    this.rowSize = this.shape.length === 0 ? 1 : count / Math.max(1, this.shape[0]!);
  }

  get rows(): number {
    return this.shape[0] ?? 1;
  }

  all(): NdArray {
    const data = this.#numbers(0, this.rows * this.rowSize);
    return { shape: this.shape, data: this.#header.fortran ? toRowMajor(data, this.shape) : data };
  }

  /** Numbers of one row. @throws EQM_DATA_MALFORMED when there is no such row, or where the array is in Fortran order. */
  row(row: number): NumericData {
    if (this.#header.fortran && this.shape.length > 1)
      throw malformed(this.source.file, '', 'the array is in Fortran order, its rows do not lie together; save it in C order');
    if (!(row >= 0 && row < this.rows)) throw malformed(this.source.file, '', `row ${row} of an array that has ${this.rows}`);
    return this.#numbers(row * this.rowSize, this.rowSize);
  }

  #numbers(first: number, count: number): NumericData {
    const at = this.#start + first * this.#width;
    const bytes = this.source.read(at, count * this.#width, 'the elements');
    return decodeNumbers(this.#header.type, bytes, !this.#header.big, (what) => malformed(this.source.file, at, what));
  }
}

/** What stands before the elements: a Python dict as text, which begins at `start`; the reader is behind it. */
export function readNpyHead(source: ByteSource): { readonly reader: ByteReader; readonly header: string; readonly start: number } {
  const reader = new ByteReader(source.read(0, Math.min(source.size, LARGEST_HEADER), 'the header'), source.file);
  if (reader.u8('the magic') !== 0x93 || reader.ascii(5, 'the magic') !== 'NUMPY') throw reader.fail('not a .npy file', 0);
  const version = reader.u8('the version');
  reader.u8('the version');
  if (version < 1 || version > 3) throw reader.fail(`unknown .npy version ${version}`, 6);
  const length = version === 1 ? reader.u16('the header length') : reader.u32('the header length');
  const start = reader.offset;
  return { reader, header: new TextDecoder('latin1').decode(reader.take(length, 'the header')), start };
}

/** A longer one would be no header. */
const LARGEST_HEADER = 1 << 20;

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export function readNpy(path: string): NdArray {
  return parseNpy(readBytes(path), path);
}

/** Parses one array of an `.npz` archive; without a key the archive must hold exactly one. */
export function parseNpz(bytes: Uint8Array, file: string, key?: string): NdArray {
  const keys = zipNames(bytes, file)
    .filter((name) => name.endsWith('.npy'))
    .map((name) => name.slice(0, -4));
  const chosen = key ?? (keys.length === 1 ? keys[0]! : undefined);
  if (chosen === undefined) {
    throw malformed(
      file,
      '',
      keys.length === 0
        ? 'the archive holds no arrays'
        : `the archive holds ${keys.length} arrays; name one with "key": ${keys.join(', ')}`,
    );
  }
  if (!keys.includes(chosen)) throw malformed(file, '', `the archive has no array "${chosen}"; ${suggestion(chosen, keys)}`);
  const entry = `${chosen}.npy`;
  const content = unzip(bytes, file, (name) => name === entry)[entry];
  if (content === undefined) throw malformed(file, entry, 'the entry cannot be read');
  return parseNpy(content, `${file}:${entry}`);
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export function readNpz(path: string, key?: string): NdArray {
  return parseNpz(readBytes(path), path, key);
}

interface Header {
  readonly type: StorageType;
  readonly big: boolean;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

/** Reads the Python dictionary `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`. */
export function parseNpyDict(header: string, fail: (what: string) => EquimodalError): { descr: string; fortran: boolean; shape: number[] } {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(header)?.[1];
  if (descr === undefined) throw fail('the header has no plain "descr" (structured arrays are not supported)');
  if (order === undefined || shape === undefined) throw fail('the header lacks "fortran_order" or "shape"');
  return { descr, fortran: order === 'True', shape: (shape.match(/\d+/g) ?? []).map(Number) };
}

function parseHeader(header: string, fail: (what: string) => EquimodalError): Header {
  const { descr, fortran, shape } = parseNpyDict(header, fail);
  const parts = /^([<>|=]?)([a-zA-Z]\d+)$/.exec(descr);
  const type = STORAGE_TYPES[parts?.[2] ?? ''];
  if (type === undefined) throw fail(`element type "${descr}" is not supported`);
  return { type, big: parts?.[1] === '>', fortran, shape };
}
