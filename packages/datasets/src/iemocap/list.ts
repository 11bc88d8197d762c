import { clipRow, listLines, type ClipRow } from '../clips/list.js';
import { malformed, readBytes } from '../readers/bytes.js';

const SEPARATOR = ' [split|sign] ';

/**
 * Reads a list: `Ses01F_impro01_F000.mp4 [split|sign] what is said [split|sign] Neutral` a line.
 *
 * @throws EQM_DATA_MALFORMED naming the line.
 */
export function parseIemocapList(bytes: Uint8Array, file: string): ClipRow[] {
  return listLines(bytes, file).map(({ line, text }) => {
    const [clip, said, label] = text.split(SEPARATOR).map((field) => field.trim());
    if (clip === undefined || said === undefined || !label)
      throw malformed(file, `line ${line}`, `expected clip, words and class parted by "${SEPARATOR}", found "${text.slice(0, 60)}"`);
    return clipRow(clip.replace(/\.mp4$/, ''), label, file, line);
  });
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export const readIemocapList = (path: string): ClipRow[] => parseIemocapList(readBytes(path), path);

/** Speaker of an utterance, of two in a session: `Ses01-F` of `Ses01M_impro01_F000`. Other names are speakers of their own. */
export function speakerOf(name: string): string {
  const match = /^(Ses\d+)[FM]_.*_([FM])\d+$/.exec(name);
  return match === null ? name : `${match[1]!}-${match[2]!}`;
}
