import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** More chunks than any recorder writes before the samples. */
const MOST_CHUNKS = 64;

/**
 * Seconds that a WAVE file declares, from its headers alone; undefined for a file that is not a WAVE file or ends before its samples do.
 *
 * @throws what the file system does.
 */
export function wavSeconds(path: string): number | undefined {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const head = Buffer.alloc(12);
    const read = (at: number): boolean => readSync(fd, head, 0, 12, at) === 12;
    if (!read(0) || head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') return undefined;
    let bytesPerSecond = 0;
    for (let at = 12, chunks = 0; chunks < MOST_CHUNKS && at + 8 <= size; chunks++) {
      readSync(fd, head, 0, 8, at);
      const id = head.toString('latin1', 0, 4);
      const length = head.readUInt32LE(4);
      if (at + 8 + length > size) return undefined;
      if (id === 'data') return bytesPerSecond > 0 ? length / bytesPerSecond : undefined;
      if (id === 'fmt ' && read(at + 8)) bytesPerSecond = head.readUInt32LE(8);
      at += 8 + length + (length % 2);
    }
    return undefined;
  } finally {
    closeSync(fd);
  }
}
