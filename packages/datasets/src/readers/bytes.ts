import { float16 } from '@equimodal/weights';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { EquimodalError, messageOf } from '@equimodal/core';

/** Typed arrays a reader may return. 64-bit integers come as doubles, checked to be exact. */
export type NumericData = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** A dense array in row-major order. */
export interface NdArray {
  readonly shape: readonly number[];
  readonly data: NumericData;
}

/** Storage type: kind and bytes per element, as NumPy writes them. Half precision comes as float32. */
export type StorageType = 'u1' | 'i1' | 'u2' | 'i2' | 'u4' | 'i4' | 'u8' | 'i8' | 'f2' | 'f4' | 'f8';

/** Types by NumPy's name without byte order (`f4`); booleans are bytes. Others (complex, text, objects) hold no numbers. */
export const STORAGE_TYPES: Readonly<Record<string, StorageType>> = {
  ...{ b1: 'u1', u1: 'u1', i1: 'i1', u2: 'u2', i2: 'i2', u4: 'u4', i4: 'i4', u8: 'u8', i8: 'i8' },
  ...{ f2: 'f2', f4: 'f4', f8: 'f8' },
};

/** A bound on what n compressed bytes may ask of memory: deflate expands at most 1032-fold; 2 GiB are the most one array takes. */
export const largestExpansion = (bytes: number): number => Math.min(bytes * 1032 + 1024, 2 ** 31);

/** As many axes as NumPy allows. */
const LARGEST_RANK = 64;

const HOST_IS_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The error of a file that is not what its format says. */
export function malformed(file: string, place: string | number, what: string, cause?: unknown, fix?: string): EquimodalError {
  return new EquimodalError('EQM_DATA_MALFORMED', what, {
    where: typeof place === 'number' ? `${file}, byte ${place}` : place === '' ? file : `${file}, ${place}`,
    ...(cause === undefined ? {} : { cause }),
    ...(fix === undefined ? {} : { fix }),
  });
}

/** The error of files that are not there; every path that was looked for is listed. */
export function missing(
  what: string,
  paths: readonly string[],
  cause?: unknown,
  fix = 'Check the data root and put the files where they were looked for.',
): EquimodalError {
  return new EquimodalError('EQM_DATA_MISSING', what, {
    problems: paths.map((path) => ({ message: path })),
    fix,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** @throws EQM_DATA_MISSING when the path is not a readable file. */
export function readBytes(path: string): Uint8Array {
  if (!existsSync(path) || !statSync(path).isFile()) throw missing('a data file is missing', [path]);
  try {
    return readFileSync(path);
  } catch (cause) {
    throw missing(`a data file cannot be read (${messageOf(cause)})`, [path], cause);
  }
}

/** Reads a byte array from front to back; reading past its end is EQM_DATA_MALFORMED with file and offset. */
export class ByteReader {
  readonly #view: DataView;
  offset = 0;

  /** @param base offset of the first byte within the file, for messages. */
  constructor(
    readonly bytes: Uint8Array,
    readonly file: string,
    public littleEndian = true,
    readonly base = 0,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  fail(what: string, offset = this.offset): EquimodalError {
    return malformed(this.file, this.base + offset, what);
  }

  /** Moves past n bytes and returns where they began. */
  #advance(n: number, what: string): number {
    if (!(n <= this.remaining)) throw this.fail(`truncated: ${what} needs ${n} bytes, ${this.remaining} are left`);
    const start = this.offset;
    this.offset += n;
    return start;
  }

  u8(what: string): number {
    return this.#view.getUint8(this.#advance(1, what));
  }

  u16(what: string): number {
    return this.#view.getUint16(this.#advance(2, what), this.littleEndian);
  }

  u32(what: string): number {
    return this.#view.getUint32(this.#advance(4, what), this.littleEndian);
  }

  i32(what: string): number {
    return this.#view.getInt32(this.#advance(4, what), this.littleEndian);
  }

  take(n: number, what: string): Uint8Array {
    const start = this.#advance(n, what);
    return this.bytes.subarray(start, start + n);
  }

  ascii(n: number, what: string): string {
    return String.fromCharCode(...this.take(n, what));
  }

  /** Decodes `count` numbers. Bounds are checked before anything is allocated. */
  numbers(type: StorageType, count: number, what: string): NumericData {
    const start = this.offset;
    const width = Number(type[1]);
    const taken = this.take(count * width, what);
    return decodeNumbers(type, taken, this.littleEndian, (what) => this.fail(what, start));
  }
}

/** Number of elements of a shape, refused when it needs more than `limit` of them. */
export function elementCount(shape: readonly number[], limit: number, fail: (what: string) => EquimodalError): number {
  let count = 1;
  if (shape.length > LARGEST_RANK) throw fail(`${shape.length} dimensions, at most ${LARGEST_RANK} are supported`);
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) throw fail(`a dimension is ${size}`);
    count *= size;
  }
  if (count > limit) throw fail(`shape [${shape.join(', ')}] asks for ${count} elements, the file holds at most ${Math.floor(limit)}`);
  return count;
}

/** Column-major (Fortran, MATLAB) to row-major. */
export function toRowMajor(data: NumericData, shape: readonly number[]): NumericData {
  if (shape.filter((size) => size > 1).length < 2) return data;
  const out = data.slice();
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  let source = 0;
  for (let target = 0; target < out.length; target++) {
    out[target] = data[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      source -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** Numbers of a copy of some bytes; their length is a multiple of the width. */
export function decodeNumbers(
  type: StorageType,
  source: Uint8Array,
  littleEndian: boolean,
  fail: (what: string) => EquimodalError,
): NumericData {
  const width = Number(type[1]);
  const bytes = new Uint8Array(source.length);
  bytes.set(source);
  if (width > 1 && littleEndian !== HOST_IS_LITTLE) reverseEach(bytes, width);
  return view(type, bytes.buffer, fail);
}

function reverseEach(bytes: Uint8Array, width: number): void {
  for (let start = 0; start < bytes.length; start += width) bytes.subarray(start, start + width).reverse();
}

function view(type: StorageType, buffer: ArrayBuffer, fail: (what: string) => EquimodalError): NumericData {
  switch (type) {
    case 'u1':
      return new Uint8Array(buffer);
    case 'i1':
      return new Int8Array(buffer);
    case 'u2':
      return new Uint16Array(buffer);
    case 'i2':
      return new Int16Array(buffer);
    case 'u4':
      return new Uint32Array(buffer);
    case 'i4':
      return new Int32Array(buffer);
    case 'f2':
      return float16(new Uint16Array(buffer));
    case 'f4':
      return new Float32Array(buffer);
    case 'f8':
      return new Float64Array(buffer);
    case 'u8':
      return exactDoubles(new BigUint64Array(buffer), fail);
    case 'i8':
      return exactDoubles(new BigInt64Array(buffer), fail);
  }
}

/** 64-bit integers as doubles. @throws what `fail` makes of one that a double cannot hold exactly. */
export function exactDoubles(values: BigUint64Array | BigInt64Array, fail: (what: string) => EquimodalError): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = Number(values[i]!);
    if (!Number.isSafeInteger(out[i]!)) throw fail(`element ${i} is ${values[i]}, a 64-bit integer that a double cannot hold exactly`);
  }
  return out;
}
