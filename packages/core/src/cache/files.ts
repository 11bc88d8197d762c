import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** One file of a cache. */
export interface CacheFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was last written or used, in milliseconds since 1970. */
  readonly used: number;
}

/** All files below a folder, of its subfolders too. A folder that is not there has none; files that vanish meanwhile are left out. */
export function cacheFiles(folder: string): CacheFile[] {
  const found: CacheFile[] = [];
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return found;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      for (const file of cacheFiles(path)) found.push(file);
    } else if (entry.isFile()) {
      const about = statSync(path, { throwIfNoEntry: false });
      if (about !== undefined) found.push({ path, bytes: about.size, used: about.mtimeMs });
    }
  }
  return found;
}
