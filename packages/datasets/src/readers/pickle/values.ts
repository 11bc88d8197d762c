import type { EquimodalError } from '@equimodal/core';
import { decodeNumbers, elementCount, malformed, STORAGE_TYPES, toRowMajor, type NdArray } from '../bytes.js';
import type { ByteSource } from '../source.js';

/** What a pickle of data holds. Lists and tuples are arrays; a Python set is refused, and so is every object that is not named here. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleBytes
  | PickleArray
  | NumpyType
  | Callable
  | PickleValue[]
  | Map<PickleValue, PickleValue>;

/** A byte string that stays in the file until it is asked for. */
export class PickleBytes {
  constructor(
    readonly source: ByteSource,
    readonly offset: number,
    readonly length: number,
  ) {}

  read(): Uint8Array {
    return this.source.read(this.offset, this.length, 'a byte string');
  }
}

/** Something that a pickle may call: one of a short list of constructors of data. */
export class Callable {
  constructor(
    /** `module.name` */
    readonly name: string,
    readonly call: (args: readonly PickleValue[]) => PickleValue,
  ) {}
}

/** A NumPy element type: kind (`f`, `i`, `U`, `O` ...) and bytes per element. */
export class NumpyType {
  order: string;
  /** Set where it is of a kind that is not read (records, sub-arrays). */
  unsupported: string | undefined;

  constructor(
    readonly kind: string,
    readonly size: number,
    order = '|',
  ) {
    this.order = order;
  }

  get name(): string {
    return `${this.kind}${this.size}`;
  }

  /** Bytes of one element in the file. */
  get width(): number {
    return this.kind === 'U' ? 4 * this.size : this.size;
  }
}

/** A NumPy array; numbers stay in the file until they are asked for. */
export class PickleArray {
  shape: readonly number[] = [0];
  type: NumpyType = new NumpyType('f', 8);
  fortran = false;
  /** Bytes of the elements, or the elements of an object array. */
  content: PickleBytes | PickleValue[] = [];

  constructor(readonly file: string) {}

  #fail(what: string): EquimodalError {
    return malformed(this.file, this.content instanceof PickleBytes ? this.content.offset : '', what);
  }

  get rows(): number {
    return this.shape[0] ?? 1;
  }

  /** All numbers, row-major. @throws EQM_DATA_MALFORMED when it holds none. */
  numbers(): NdArray {
    const data = this.#decode(0, this.#bytes().length);
    return { shape: this.shape, data: this.fortran ? toRowMajor(data, this.shape) : data };
  }

  /** Rows [from, to) of the first axis: numbers [to - from, ...rest]. */
  slice(from: number, to: number): NdArray {
    const shape = [to - from, ...this.shape.slice(1)];
    const rowSize = this.shape.slice(1).reduce((product, size) => product * size, 1);
    if (this.fortran) return { shape, data: this.numbers().data.slice(from * rowSize, to * rowSize) };
    const bytes = rowSize * this.type.width;
    return { shape, data: this.#decode(from * bytes, (to - from) * bytes) };
  }

  /** Elements of a text, byte-string or object array. */
  items(): readonly PickleValue[] {
    if (!(this.content instanceof PickleBytes)) return this.content;
    const { kind, width } = this.type;
    if (kind !== 'U' && kind !== 'S') return Array.from(this.numbers().data);
    const bytes = this.content.read();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: bytes.length / width }, (_, i) => {
      let text = '';
      for (let at = i * width; at < (i + 1) * width; at += kind === 'U' ? 4 : 1) {
        const code = kind === 'U' ? view.getUint32(at, this.type.order !== '>') : view.getUint8(at);
        if (code > 0x10ffff) throw this.#fail(`a character has the code ${code}`);
        text += String.fromCodePoint(code);
      }
      return text.replace(/\0+$/, '');
    });
  }

  #bytes(): PickleBytes {
    if (!(this.content instanceof PickleBytes)) throw this.#fail('expected numbers, found an array of objects');
    return this.content;
  }

  #decode(offset: number, length: number): NdArray['data'] {
    const { kind, name, order } = this.type;
    const storage = STORAGE_TYPES[name];
    if (storage === undefined)
      throw this.#fail(`expected numbers, found an array of ${kind === 'U' || kind === 'S' ? 'text' : `type "${name}"`}`);
    const { source, offset: start } = this.#bytes();
    const bytes = source.read(start + offset, length, 'the elements of an array');
    return decodeNumbers(storage, bytes, order !== '>', (what) => this.#fail(what));
  }

  /** Fills a new array in and checks that shape, type and content agree. */
  set(shape: PickleValue, type: PickleValue, fortran: boolean, content: PickleValue, fail: (what: string) => EquimodalError): this {
    if (!Array.isArray(shape) || !(type instanceof NumpyType)) throw fail('an array without shape or type');
    if (type.unsupported !== undefined) throw fail(`an array of ${type.unsupported} is not read`);
    const count = elementCount(shape as number[], Infinity, fail);
    if (type.kind === 'O') {
      if (!Array.isArray(content) || content.length !== count) throw fail('an array of objects whose number differs from its shape');
    } else {
      if (type.width < 1) throw fail(`an array of elements without size ("${type.name}")`);
      if (!(content instanceof PickleBytes) || content.length !== count * type.width) {
        throw fail(
          `an array [${shape.join(', ')}] of type ${type.name} that needs ${count * type.width} bytes has ${content instanceof PickleBytes ? content.length : 'none'}`,
        );
      }
    }
    this.shape = shape as number[];
    this.type = type;
    this.fortran = fortran;
    this.content = content;
    return this;
  }
}

/** Byte strings of Python 2 and of the text protocols come as text whose letters are the bytes. */
export function bytesOfText(text: string, file: string): PickleBytes {
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const source: ByteSource = {
    file,
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
  return new PickleBytes(source, 0, bytes.length);
}
