import { closeSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, statSync, truncateSync, writeSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { EquimodalError } from '@equimodal/core';

/**
 * A text file that grows by whole lines, buffered, and can be taken back to an earlier length.
 *
 * Lines are written at a position, so a write that failed half-way is repeated in full by the next one.
 */
export class LineFile {
  #descriptor: number | undefined;
  #pending: string[] = [];
  #pendingLength = 0;
  #bytes = 0;
  #restored = false;

  /** @param bufferLength characters that may wait before they are written */
  constructor(
    readonly path: string,
    private readonly bufferLength = 65_536,
  ) {}

  /** Length of what was written, in bytes; waiting lines do not count. */
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

  append(line: string): void {
    this.#pending.push(line);
    this.#pendingLength += line.length + 1;
    if (this.#pendingLength >= this.bufferLength) this.write();
  }

  /** Hands waiting lines to the operating system. */
  write(): void {
    if (this.#pending.length === 0) return;
    this.open();
    const text = Buffer.from(`${this.#pending.join('\n')}\n`);
    for (let written = 0; written < text.length;) {
      written += writeSync(this.#descriptor!, text, written, text.length - written, this.#bytes + written);
    }
    this.#bytes += text.length;
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
