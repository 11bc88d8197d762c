import { clipRow, listLines, safeName, type ClipRow } from '../clips/list.js';
import { malformed, readBytes } from '../readers/bytes.js';

/**
 * Reads a list: `Class/v_Class_g01_c01.avi` or `Class/v_Class_g01_c01.avi 1` a line. The name of a row is that of the clip without `.avi`,
 * its class the folder.
 *
 * @throws EQM_DATA_MALFORMED naming the line.
 */
export function parseUcfList(bytes: Uint8Array, file: string): ClipRow[] {
  return listLines(bytes, file).map(({ line, text }) => {
    const match = /^([^/\s]+)\/([^/\s]+?)(?:\.avi)?(?:\s+\d+)?$/.exec(text);
    if (match === null) throw malformed(file, `line ${line}`, `expected "Class/clip.avi", found "${text.slice(0, 60)}"`);
    return clipRow(match[2]!, safeName(match[1]!, file, line), file, line);
  });
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export const readUcfList = (path: string): ClipRow[] => parseUcfList(readBytes(path), path);

/** Clips of one group are parts of one video: `v_Class_g01` of `v_Class_g01_c02`. */
export const groupOf = (name: string): string => name.replace(/_c\d+$/, '');
