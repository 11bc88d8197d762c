import { createHash } from 'node:crypto';

/** What the stamp holds: the lockfile the installed packages came from. */
export function lockHash(lockText) {
  return createHash('sha256').update(lockText).digest('hex');
}

/**
 * Whether an installation is what a lockfile asks for. npm keeps a lockfile of what it installed inside
 * node_modules; the packages in it must be those of the lockfile, apart from optional ones (other platforms).
 *
 * @param {{ packages?: Record<string, LockEntry> }} lock package-lock.json
 * @param {{ packages?: Record<string, LockEntry> } | undefined} installed node_modules/.package-lock.json
 * @returns {string | undefined} what differs, in a few words, or undefined
 *
 * @typedef {{ version?: string, integrity?: string, resolved?: string, link?: boolean, optional?: boolean, devOptional?: boolean }} LockEntry
 */
export function difference(lock, installed) {
  if (installed === undefined) return 'npm left no record of it';
  const wanted = lock.packages ?? {};
  const found = installed.packages ?? {};
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const other = found[path];
    if (other === undefined) {
      if (entry.optional || entry.devOptional) continue;
      return `${path} is missing`;
    }
    if (other.version !== entry.version) return `${path} is ${other.version}, not ${entry.version}`;
    if (other.integrity !== entry.integrity) return `${path} has another checksum`;
    if (Boolean(other.link) !== Boolean(entry.link)) return `${path} is another kind of entry`;
  }
  const extra = Object.keys(found).find((path) => wanted[path] === undefined);
  return extra === undefined ? undefined : `${extra} is not in the lockfile`;
}
