import { rmSync, utimesSync } from 'node:fs';
import { cacheFiles } from '@equimodal/core';

/** Files that were used within that time, or since this process began, are never removed, in milliseconds. */
const IN_USE = 60 * 60_000;
/** The time of use is written again when that much has passed, in milliseconds. */
const NOTED = IN_USE / 2;
/** Fuller than this share of the limit, old files are removed until no more than `CLEARED` of it is taken. */
const FULL = 31 / 32;
const CLEARED = 0.8;
/** Share of what is left that is written before looking again, since other threads and processes write too. */
const STRIDE = 1 / 16;

const started = Date.now() - 1000 * process.uptime();

/** How much a folder of kept files may hold. The files that nobody used for longest go first; those in use stay. */
export class CacheRoom {
  /** Bytes that may be written before looking at the folder again. */
  #allowance = 0;
  readonly #noted = new Map<string, number>();

  /** @param limit in bytes. */
  constructor(
    readonly folder: string,
    readonly limit: number,
  ) {}

  /**
   * Room for a file of that many bytes, made by removing old files if need be.
   *
   * @returns whether there is room.
   */
  make(bytes: number): boolean {
    if (this.limit === Infinity) return true;
    if (bytes > this.#allowance) {
      const left = this.limit - this.#taken(bytes);
      if (bytes > left) return false;
      this.#allowance = Math.max(left * STRIDE, bytes);
    }
    this.#allowance -= bytes;
    return true;
  }

  /** Notes that a kept file is in use. */
  use(path: string): void {
    if (this.limit === Infinity) return;
    const now = Date.now();
    if (now - (this.#noted.get(path) ?? 0) < NOTED) return;
    this.#noted.set(path, now);
    try {
      utimesSync(path, now / 1000, now / 1000);
    } catch {
      // Removed by another process, or not ours: then it counts as older than it is.
    }
  }

  /** Bytes that are taken, after removing old files where the folder is too full for so many more. */
  #taken(more: number): number {
    const files = cacheFiles(this.folder);
    let taken = files.reduce((sum, { bytes }) => sum + bytes, 0);
    if (taken + more <= this.limit * FULL) return taken;
    const before = Math.min(started, Date.now() - IN_USE);
    const old = files.filter(({ used }) => used < before).sort((a, b) => a.used - b.used);
    for (const { path, bytes } of old) {
      if (taken + more <= this.limit * CLEARED) break;
      try {
        rmSync(path, { force: true });
        taken -= bytes;
      } catch {
        // Open elsewhere (Windows): it stays for now.
      }
    }
    return taken;
  }
}
