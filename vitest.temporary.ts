import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Gives the tests a folder for temporary files and removes it after the last one: a spec that fails, or whose process is ended, leaves
 * nothing behind.
 */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'equimodal-tests-'));
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
