import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Short, since sockets are among the temporary files of a browser, and their paths may have about 100 letters. */
const PREFIX = 'eqm-';

/**
 * Gives the tests a folder for temporary files and removes it after the last one: a spec that fails, or whose process is ended, leaves
 * nothing behind. Projects of one run share it.
 */
export function setup(): (() => void) | undefined {
  if (basename(tmpdir()).startsWith(PREFIX)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
