import { unzipSync } from 'fflate';
import { EquimodalError, messageOf } from '@equimodal/core';
import { largestExpansion, malformed } from './bytes.js';

/**
 * Unpacks the wanted entries of a zip archive. The sizes an entry claims are checked against its compressed size before memory is
 * taken; nothing is written to disk, so names are only names.
 *
 * @throws EQM_DATA_MALFORMED naming the file, and the entry where one is at fault.
 */
export function unzip(bytes: Uint8Array, file: string, wanted: (name: string) => boolean): Record<string, Uint8Array> {
  let total = 0;
  try {
    return unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        if (!wanted(name)) return false;
        total += originalSize;
        if (originalSize > largestExpansion(size) || total > largestExpansion(bytes.length)) {
          throw malformed(file, name, `the entry claims ${originalSize} bytes from ${size} compressed ones`);
        }
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof EquimodalError) throw cause;
    throw malformed(file, '', `the zip archive is damaged or truncated (${messageOf(cause)})`, cause);
  }
}

/** Names of the entries of a zip archive. @throws EQM_DATA_MALFORMED */
export function zipNames(bytes: Uint8Array, file: string): string[] {
  const names: string[] = [];
  unzip(bytes, file, (name) => {
    names.push(name);
    return false;
  });
  return names;
}
