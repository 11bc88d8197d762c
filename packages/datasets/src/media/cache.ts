import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder, messageOf } from '@equimodal/core';
import type { Decoded, Plain } from './loader.js';
import { LIMIT_VARIABLE, mediaCacheLimit } from './room/limit.js';
import { CacheRoom } from './room/room.js';

/** Folder of decoded files, inside the cache folder (`EQUIMODAL_CACHE`). */
export const mediaCacheFolder = (): string => join(cacheFolder(), 'media');

const MAGIC = 'EQMD';
const FORMAT = 1;
/** Magic, number of header bytes. */
const FIXED = 8;
const TYPES = { uint8: Uint8Array, int16: Int16Array, int32: Int32Array, float32: Float32Array } as const;
type TypeName = keyof typeof TYPES;

interface Header {
  readonly format: number;
  readonly type: TypeName;
  readonly shape: readonly number[];
  readonly sha256: string;
}

/** Decoded files on disk. Files are written beside their place and renamed, so processes may share a folder. */
export class MediaCache {
  #writable = true;
  readonly #room: CacheRoom;

  /**
   * @param limit bytes that all kept files may take; see `mediaCacheLimit`.
   * @throws EQM_CONFIG_INVALID for a limit in the environment that is not a size.
   */
  constructor(
    readonly folder: string,
    limit = mediaCacheLimit(),
  ) {
    this.#room = new CacheRoom(folder, limit);
  }

  /** Where the array of a file is kept; the key changes with path, size or time of the file. */
  path(file: string, about: Plain): string {
    const { size, mtimeNs } = statSync(file, { bigint: true });
    const key = createHash('sha256')
      .update(JSON.stringify([FORMAT, about, file, String(size), String(mtimeNs)]))
      .digest('hex');
    return join(this.folder, key.slice(0, 2), `${key.slice(2, 42)}.bin`);
  }

  /** The kept array; undefined where there is none, or where it is damaged. */
  read(path: string): Decoded | undefined {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(path);
    } catch {
      return undefined;
    }
    try {
      const decoded = decode(bytes);
      this.#room.use(path);
      return decoded;
    } catch {
      return undefined;
    }
  }

  /**
   * Keeps an array; old files go where the limit is reached. Where it cannot be kept (no space, no rights, everything within the
   * limit is in use) a process warning says so, once, and nothing more is kept.
   */
  write(path: string, decoded: Decoded): void {
    if (!this.#writable) return;
    const beside = `${path}.${randomUUID()}.tmp`;
    try {
      const bytes = encode(decoded);
      if (!this.#room.make(bytes.length)) {
        this.#giveUp(`files in use take all of the ${this.#room.limit} bytes that ${LIMIT_VARIABLE} allows`);
        return;
      }
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(beside, bytes);
      renameSync(beside, path);
    } catch (error) {
      if (existsSync(beside)) rmSync(beside, { force: true });
      this.#giveUp(messageOf(error));
    }
  }

  #giveUp(why: string): void {
    this.#writable = false;
    process.emitWarning(`further decoded files are not kept in ${this.folder}: ${why}`, 'EquimodalCache');
  }

  /** The kept array, or the one that `make` gives, which is then kept. */
  async get(file: string, about: Plain, make: () => Decoded | Promise<Decoded>): Promise<Decoded> {
    const path = this.path(file, about);
    const kept = this.read(path);
    if (kept !== undefined) return kept;
    const made = await make();
    this.write(path, made);
    return made;
  }
}

function encode({ shape, data }: Decoded): Uint8Array {
  const payload = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const type = (Object.keys(TYPES) as TypeName[]).find((name) => data instanceof TYPES[name])!;
  const header: Header = { format: FORMAT, type, shape, sha256: digest(payload) };
  const text = Buffer.from(JSON.stringify(header));
  const out = Buffer.alloc(FIXED + text.length + payload.length);
  out.write(MAGIC, 0, 'latin1');
  out.writeUInt32LE(text.length, 4);
  out.set(text, FIXED);
  out.set(payload, FIXED + text.length);
  return out;
}

/** @throws for anything that `encode` did not write. */
function decode(bytes: Uint8Array): Decoded {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.toString('latin1', 0, 4) !== MAGIC) throw new Error('not a kept array');
  const length = buffer.readUInt32LE(4);
  const header = JSON.parse(buffer.toString('utf8', FIXED, FIXED + length)) as Header;
  // A copy, since an array of numbers has to be aligned.
  const payload = new Uint8Array(buffer.subarray(FIXED + length));
  const Type = TYPES[header.type];
  const count = header.shape.reduce((a, b) => a * b, 1);
  if (header.format !== FORMAT || payload.length !== count * Type.BYTES_PER_ELEMENT || digest(payload) !== header.sha256)
    throw new Error('damaged');
  return { shape: header.shape, data: new Type(payload.buffer, payload.byteOffset, count) };
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
