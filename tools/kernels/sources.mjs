import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../packages/datasets/assembly/', import.meta.url);

/** SHA-256 over names and texts of the sources of the kernels. */
export function sourcesHash() {
  const hash = createHash('sha256');
  for (const name of readdirSync(FOLDER).sort()) {
    if (name.endsWith('.ts')) hash.update(`${name}\n${readFileSync(new URL(name, FOLDER), 'utf8').replaceAll('\r\n', '\n')}\n`);
  }
  return hash.digest('hex');
}
