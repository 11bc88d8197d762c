import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EquimodalError, messageOf } from '@equimodal/core';

export interface WrittenReport {
  /** Absolute paths of the files written, `report.html` first. */
  readonly files: readonly string[];
  /** What could not be written and why, in plain sentences; empty when all went well. */
  readonly notes: readonly string[];
}

/**
 * Writes files into a folder, each beside its place and renamed, so a reader never sees half a file, and removes those of `ours` that
 * are not among them.
 *
 * @returns absolute paths, in order
 * @throws EQM_REPORT_WRITE when the folder cannot be written.
 */
export async function writeFolder(dir: string, contents: ReadonlyMap<string, string | Buffer>, ours: readonly string[]): Promise<string[]> {
  const folder = resolve(dir);
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, content] of contents) await writeAtomically(join(folder, name), content);
    const stale = (await readdir(folder)).filter((name) => ours.includes(name) && !contents.has(name));
    for (const name of stale) await rm(join(folder, name), { force: true });
  } catch (error) {
    throw new EquimodalError('EQM_REPORT_WRITE', `the report could not be written: ${messageOf(error)}`, {
      where: folder,
      fix: 'Give a folder that can be written.',
      cause: error,
    });
  }
  return [...contents.keys()].map((name) => join(folder, name));
}

/** Writes a file beside its place and renames it into place; leaves nothing behind when either fails. */
async function writeAtomically(path: string, content: string | Buffer): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, content, { flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
