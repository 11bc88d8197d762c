import { closeSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, statSync, truncateSync, writeSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { EquimodalError } from '@equimodal/core';

/**
 * A file that grows by whole records, buffered, and can be taken back to an earlier length.
 *
 * Records are written at a position, so a write that failed half-way is repeated in full by the next one.
 */
export class GrowingFile {
  #descriptor: number | undefined;
  #pending: Buffer[] = [];
  #pendingLength = 0;
  #bytes = 0;
  #restored = false;

  /** @param bufferLength bytes that may wait before they are written */
  constructor(
    readonly path: string,
    private readonly bufferLength = 65_536,
  ) {}

  /** Length of what was written, in bytes; waiting records do not count. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Opens the file: where it was restored, or at its end to `continue` one, else from the beginning (what it held is dropped). */
  open(mode: 'fresh' | 'continue' = 'fresh'): void {
    if (this.#descriptor !== undefined) return;
    mkdirSync(dirname(this.path), { recursive: true });
    this.#descriptor = openSync(this.path, constants.O_RDWR | constants.O_CREAT);
    if (this.#restored) return;
    if (mode === 'continue') this.#bytes = fstatSync(this.#descriptor).size;
    else ftruncateSync(this.#descriptor, 0);
  }

  add(record: Buffer): void {
    this.#pending.push(record);
    this.#pendingLength += record.length;
    if (this.#pendingLength >= this.bufferLength) this.write();
  }

  /** Hands waiting records to the operating system. */
  write(): void {
    if (this.#pending.length === 0) return;
    this.open();
    const bytes = Buffer.concat(this.#pending);
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.#descriptor!, bytes, written, bytes.length - written, this.#bytes + written);
    }
    this.#bytes += bytes.length;
    this.#pending = [];
    this.#pendingLength = 0;
  }

  /** Writes, and waits until the disk has it. */
  flush(): void {
    this.write();
    if (this.#descriptor !== undefined) fsyncSync(this.#descriptor);
  }

  /** Cuts the file to that many bytes and goes on from there. Call it before `open`. */
  restore(bytes: number): void {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size;
    if ((size ?? 0) < bytes) {
      throw new EquimodalError(
        'EQM_CHECKPOINT_MISMATCH',
        `the checkpoint continues this file at byte ${bytes}, but ${size === undefined ? 'there is no such file' : `it has ${size}`}`,
        {
          where: this.path,
          fix: 'Put the file back, or resume without this observer.',
        },
      );
    }
    if (size !== undefined && size > bytes) truncateSync(this.path, bytes);
    this.#bytes = bytes;
    this.#restored = true;
  }

  close(): void {
    try {
      this.flush();
    } finally {
      if (this.#descriptor !== undefined) closeSync(this.#descriptor);
      this.#descriptor = undefined;
    }
  }
}
