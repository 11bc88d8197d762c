import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { EquimodalError, writeAtomically } from '@equimodal/core';
import { headerLength, malformed, parseHeader, type Header, type TensorInfo } from './header.js';
import { decode, type Numbers } from './numbers.js';

/** A tensor as plain numbers, row-major. */
export interface Weight {
  readonly shape: readonly number[];
  readonly values: Numbers;
}

/**
 * A safetensors file, open for reading. Only the header is read at first, then one tensor at a time. Close it.
 *
 * Source: the format as of `safetensors` 0.4: eight bytes of length, a header of JSON, the data, little endian.
 */
export class WeightFile {
  private constructor(
    readonly path: string,
    private readonly fd: number,
    private readonly header: Header,
    private readonly dataStart: number,
  ) {}

  /** @throws EQM_WEIGHTS_MISSING, or EQM_WEIGHTS_MALFORMED if it is truncated or its header is not consistent. */
  static open(path: string): WeightFile {
    const fd = openForReading(path);
    try {
      const { size } = fstatSync(fd);
      const length = headerLength(path, readBytes(path, fd, 0, Math.min(8, size)), size);
      const text = Buffer.from(readBytes(path, fd, 8, length)).toString('utf8');
      return new WeightFile(path, fd, parseHeader(path, text, size - 8 - length), 8 + length);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** In the order of the header. */
  get tensors(): ReadonlyMap<string, TensorInfo> {
    return this.header.tensors;
  }
  get metadata(): Readonly<Record<string, string>> {
    return this.header.metadata;
  }

  /**
   * Reads one tensor: F32, F16, BF16 and F64 as float32, I32 and I64 as int32.
   *
   * @throws EQM_WEIGHTS_MALFORMED for another type, a name that is not there, or an integer beyond int32.
   */
  read(name: string): Weight {
    const info = this.tensors.get(name);
    if (info === undefined) throw malformed(this.path, `it has no tensor "${name}"`);
    const [from, to] = info.offsets;
    const values = decode(info.dtype, readBytes(this.path, this.fd, this.dataStart + from, to - from));
    if (values === undefined) throw malformed(this.path, `tensor "${name}" is ${info.dtype}, or has integers too large for int32`);
    return { shape: info.shape, values };
  }

  close(): void {
    closeSync(this.fd);
  }
}

/**
 * Writes a safetensors file (F32 and I32), beside the place and then renamed over it, so that a crash leaves the old file or the new one.
 *
 * @param metadata texts by name.
 */
export function writeWeights(
  path: string,
  tensors: Readonly<Record<string, Weight>>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  let at = 0;
  const table: Record<string, unknown> = Object.keys(metadata).length === 0 ? {} : { __metadata__: metadata };
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    table[name] = { dtype: values instanceof Int32Array ? 'I32' : 'F32', shape, data_offsets: [at, (at += values.byteLength)] };
  }
  const json = JSON.stringify(table);
  const text = Buffer.from(json + ' '.repeat((8 - (Buffer.byteLength(json) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));

  writeAtomically(path, [length, text, ...Object.values(tensors).map(({ values }) => bytesOf(values))]);
}

const CHUNK = 1 << 22;

/** SHA-256 of a file, in hexadecimal; read in pieces. @throws EQM_WEIGHTS_MISSING */
export function sha256OfFile(path: string): string {
  const fd = openForReading(path);
  try {
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(CHUNK);
    for (let count = readSync(fd, chunk); count > 0; count = readSync(fd, chunk)) hash.update(chunk.subarray(0, count));
    return hash.digest('hex');
  } finally {
    closeSync(fd);
  }
}

/** The bytes of numbers, not copied. */
export const bytesOf = (values: Numbers): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function openForReading(path: string): number {
  try {
    const fd = openSync(path, 'r');
    if (!fstatSync(fd).isDirectory()) return fd;
    closeSync(fd);
  } catch (error) {
    throw new EquimodalError('EQM_WEIGHTS_MISSING', `the weight file cannot be opened`, { where: path, cause: error });
  }
  throw new EquimodalError('EQM_WEIGHTS_MISSING', `this is a folder, not a weight file`, { where: path });
}

/** Bytes in a buffer of their own. */
function readBytes(path: string, fd: number, from: number, count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count;) {
    const got = readSync(fd, bytes, done, Math.min(CHUNK, count - done), from + done);
    if (got === 0) throw malformed(path, 'it ended while it was read');
    done += got;
  }
  return bytes;
}
