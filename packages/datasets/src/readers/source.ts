import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { messageOf, type EquimodalError } from '@equimodal/core';
import { malformed, missing } from './bytes.js';

/** Bytes of a file, read in pieces: a file may be larger than what one array or the memory holds. */
export interface ByteSource {
  readonly file: string;
  readonly size: number;
  /** @throws EQM_DATA_MALFORMED when they reach beyond the end. */
  read(offset: number, length: number, what: string): Uint8Array;
}

function bounds({ file, size }: ByteSource, offset: number, length: number, what: string): EquimodalError | undefined {
  if (offset >= 0 && length >= 0 && offset + length <= size) return undefined;
  return malformed(file, offset, `truncated: ${what} needs ${length} bytes, ${Math.max(0, size - offset)} are left`);
}

/** A source of bytes in memory. Reading is a view. */
export class MemorySource implements ByteSource {
  readonly size: number;

  constructor(
    private readonly bytes: Uint8Array,
    readonly file: string,
  ) {
    this.size = bytes.length;
  }

  read(offset: number, length: number, what: string): Uint8Array {
    const wrong = bounds(this, offset, length, what);
    if (wrong !== undefined) throw wrong;
    return this.bytes.subarray(offset, offset + length);
  }
}

/** Most that one call of the operating system reads. */
const CHUNK = 1 << 30;

/** A file on disk. Each read opens it anew, so nothing has to be closed and many may be at hand at once. */
export class FileSource implements ByteSource {
  readonly size: number;

  /** @throws EQM_DATA_MISSING when the path is not a readable file. */
  constructor(readonly file: string) {
    if (!existsSync(file) || !statSync(file).isFile()) throw missing('a data file is missing', [file]);
    this.size = this.#with((fd) => fstatSync(fd).size);
  }

  read(offset: number, length: number, what: string): Uint8Array {
    const wrong = bounds(this, offset, length, what);
    if (wrong !== undefined) throw wrong;
    const bytes = new Uint8Array(length);
    this.#with((fd) => {
      for (let done = 0; done < length;) {
        const count = readSync(fd, bytes, done, Math.min(CHUNK, length - done), offset + done);
        if (count === 0)
          throw malformed(this.file, offset + done, `truncated while it was read: ${what} needs ${length - done} more bytes`);
        done += count;
      }
    });
    return bytes;
  }

  #with<T>(act: (fd: number) => T): T {
    let fd: number;
    try {
      fd = openSync(this.file, 'r');
    } catch (cause) {
      throw missing(`a data file cannot be read (${messageOf(cause)})`, [this.file], cause);
    }
    try {
      return act(fd);
    } finally {
      closeSync(fd);
    }
  }
}

const WINDOW = 1 << 16;

/** Reads a source from front to back through a window, so that small reads are cheap whatever the size of the file. */
export class Cursor {
  offset = 0;
  #start = 0;
  #window: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor(readonly source: ByteSource) {}

  get remaining(): number {
    return this.source.size - this.offset;
  }

  fail(what: string, offset = this.offset): EquimodalError {
    return malformed(this.source.file, offset, what);
  }

  /** Position within the window of the next n bytes, which are moved past. */
  #next(n: number, what: string): number {
    if (!(n <= this.remaining)) throw this.fail(`truncated: ${what} needs ${n} bytes, ${this.remaining} are left`);
    if (this.offset < this.#start || this.offset + n > this.#start + this.#window.length) {
      this.#start = this.offset;
      this.#window = this.source.read(this.offset, Math.min(this.remaining, Math.max(n, WINDOW)), what);
      this.#view = new DataView(this.#window.buffer, this.#window.byteOffset, this.#window.byteLength);
    }
    const at = this.offset - this.#start;
    this.offset += n;
    return at;
  }

  take(n: number, what: string): Uint8Array {
    const at = this.#next(n, what);
    return this.#window.subarray(at, at + n);
  }

  /** Moves past n bytes and returns where they began. */
  skip(n: number, what: string): number {
    if (!(n <= this.remaining)) throw this.fail(`truncated: ${what} needs ${n} bytes, ${this.remaining} are left`);
    const start = this.offset;
    this.offset += n;
    return start;
  }

  u8(what: string): number {
    const at = this.#next(1, what);
    return this.#view.getUint8(at);
  }

  u16(what: string): number {
    const at = this.#next(2, what);
    return this.#view.getUint16(at, true);
  }

  u32(what: string): number {
    const at = this.#next(4, what);
    return this.#view.getUint32(at, true);
  }

  i32(what: string): number {
    const at = this.#next(4, what);
    return this.#view.getInt32(at, true);
  }

  u64(what: string): number {
    const at = this.#next(8, what);
    return Number(this.#view.getBigUint64(at, true));
  }

  /** Big-endian, as pickles have it. */
  f64(what: string): number {
    const at = this.#next(8, what);
    return this.#view.getFloat64(at);
  }

  /** The bytes before the next line feed, which is moved past. */
  line(longest: number, what: string): Uint8Array {
    const start = this.offset;
    for (let length = WINDOW; ; length *= 2) {
      const piece = this.source.read(start, Math.min(length, this.source.size - start), what);
      const end = piece.indexOf(10);
      if (end >= 0 && end <= longest) {
        this.offset = start + end + 1;
        return piece.subarray(0, end);
      }
      if (piece.length > longest) throw this.fail(`${what} has no end within ${longest} bytes`);
      if (piece.length < length) throw this.fail(`truncated: ${what} has no end`);
    }
  }
}
