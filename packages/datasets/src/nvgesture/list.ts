import { clipRow, listLines, safeName, type ClipRow } from '../clips/list.js';
import { malformed, readBytes } from '../readers/bytes.js';

/** The 25 gestures, by their number in the lists (from 1). */
export const GESTURES: readonly string[] = [
  ...['five fingers move right', 'five fingers move left', 'five fingers move up', 'five fingers move down'],
  ...['two fingers move right', 'two fingers move left', 'two fingers move up', 'two fingers move down'],
  ...['click', 'beckoned', 'stretch hand', 'shake hand', 'one', 'two', 'three', 'lift up', 'press down', 'push', 'shrink'],
  ...['levorotation', 'dextrorotation', 'two fingers prod', 'grab', 'thumbs up', 'OK'],
];

/** Frames of one sensor: file without its ending, first frame, and the one behind the last. */
export interface Sensor {
  readonly stem: string;
  readonly from: number;
  readonly to: number;
}

/** A row of a list; its name is the folder of the clip, below `Video_data`. */
export interface GestureRow extends ClipRow {
  readonly sensors: Readonly<Record<string, Sensor>>;
}

/** Longer clips do not exist; a larger number is damage. */
const MOST_FRAMES = 100_000;

/**
 * Reads a list: a line a clip, `path:./Video_data/class_01/subject13_r0 depth:sk_depth:138:218 color:sk_color:138:218 ... label:1`.
 *
 * @throws EQM_DATA_MALFORMED naming the line.
 */
export function parseGestureList(bytes: Uint8Array, file: string): GestureRow[] {
  return listLines(bytes, file).map(({ line, text }) => {
    const fail = (what: string): Error => malformed(file, `line ${line}`, what);
    let path: string | undefined;
    let label: string | undefined;
    const sensors: Record<string, Sensor> = {};
    for (const item of text.split(/\s+/)) {
      const [key, value = '', from, to] = item.split(':');
      if (key === 'path') path = value.replace(/^(\.\/)?(Video_data\/)?/, '');
      else if (key === 'label') label = GESTURES[Number(value) - 1];
      else if (from !== undefined) {
        const range = [Number(from), Number(to)] as const;
        if (!range.every((frame) => Number.isInteger(frame) && frame >= 0 && frame < MOST_FRAMES) || range[1] <= range[0])
          throw fail(`"${item.slice(0, 60)}" names no frames`);
        sensors[key!] = { stem: safeName(value, file, line), from: range[0], to: range[1] };
      } else throw fail(`expected "name:value", found "${item.slice(0, 60)}"`);
    }
    if (path === undefined) throw fail('the line has no path');
    if (label === undefined) throw fail(`the line has no label from 1 to ${GESTURES.length}`);
    return { ...clipRow(safeName(path, file, line, true), label, file, line, []), sensors };
  });
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export const readGestureList = (path: string): GestureRow[] => parseGestureList(readBytes(path), path);

/** Subject of a clip: `subject13` of `class_01/subject13_r0`. */
export const subjectOf = (name: string): string => /subject\d+/.exec(name)?.[0] ?? name;
