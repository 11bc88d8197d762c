import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { EquimodalError } from '../errors/errors.js';

const CHUNK = 1 << 22;
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Writes a file beside its place, waits until the disk has it, and renames it over: after a crash at any moment there is the old
 * file or the new one, whole. What was written beside is removed if that fails.
 *
 * @param parts bytes, or text as UTF-8, one after another.
 * @throws EQM_DISK_FULL where there is no space; the old file stays.
 */
export function writeAtomically(file: string, parts: Iterable<Uint8Array | string>): void {
  const partial = `${file}.${process.pid}.partial`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    const descriptor = openSync(partial, 'w');
    try {
      for (const part of parts) writeAll(descriptor, typeof part === 'string' ? Buffer.from(part) : part);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw isDiskFull(error) ? diskFull(file, error) : error;
  }
  syncFolder(dirname(file));
}

/** Whether the system refused to write for want of space, or of quota. */
export function isDiskFull(error: unknown): boolean {
  if (error instanceof EquimodalError) return error.code === 'EQM_DISK_FULL';
  return error instanceof Error && FULL.has((error as NodeJS.ErrnoException).code ?? '');
}

/** What a user reads when there is no space for a file. */
export function diskFull(file: string, cause: unknown): EquimodalError {
  return new EquimodalError('EQM_DISK_FULL', 'there is no space left for a file', { where: file, cause });
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done, Math.min(CHUNK, bytes.length - done));
}

/** The new name is on disk too; a system that cannot sync a folder does that in its own time. */
function syncFolder(folder: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(folder, 'r');
    fsyncSync(descriptor);
  } catch {
    // Windows, and some network file systems.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
