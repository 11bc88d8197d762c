import { messageOf } from '@equimodal/core';
import { clipRow, listLines, type ClipRow } from '../clips/list.js';
import type { SplitName } from '../features/labels.js';
import { malformed, readBytes } from '../readers/bytes.js';
import { parseCsv } from '../readers/csv.js';
import { decodeText } from '../readers/text.js';

/** The 31 classes, by their numbers in lists of numbers. */
export const KINETICS_SOUNDS: readonly string[] = [
  ...['blowing_nose', 'blowing_out_candles', 'bowling', 'chopping_wood', 'dribbling_basketball', 'laughing', 'mowing_lawn'],
  ...['playing_accordion', 'playing_bagpipes', 'playing_bass_guitar', 'playing_clarinet', 'playing_drums', 'playing_guitar'],
  ...['playing_harmonica', 'playing_keyboard', 'playing_organ', 'playing_piano', 'playing_saxophone', 'playing_trombone'],
  ...['playing_trumpet', 'playing_violin', 'playing_xylophone', 'ripping_paper', 'shoveling_snow', 'shuffling_cards', 'singing'],
  ...['stomping_grapes', 'tap_dancing', 'tapping_guitar', 'tapping_pen', 'tickling'],
];

const SUBSETS: Readonly<Record<string, SplitName>> = {
  ...{ training: 'train', train: 'train', validation: 'validation', val: 'validation', testing: 'test', test: 'test' },
};

/** The eleven letters that name a video. */
export const videoOf = (name: string): string => name.slice(0, 11);

/** A class by number or by name: lower case, underscores for what is neither letter nor digit. @returns undefined for a number that has none. */
function classOf(label: string): string | undefined {
  return /^\d+$/.test(label) ? KINETICS_SOUNDS[Number(label)] : label.toLowerCase().replace(/[^a-z0-9]+/g, '_');
}

/**
 * Reads a list of clips of one split:
 * - `id,10,number` or `id,number`, or columns `youtube_id` and `label` (and `time_start`, `time_end`) under a header;
 * - `id ... number` or `id.mp4 Class`, parted by spaces;
 * - JSON with `database: { id: { subset, label } }`.
 *
 * @param known refuse classes other than the 31.
 * @throws EQM_DATA_MALFORMED naming the line.
 */
export function parseKineticsList(bytes: Uint8Array, file: string, split: SplitName, known: boolean): ClipRow[] {
  const row = (id: string, label: string, line: number, stems?: readonly string[]): ClipRow => {
    const name = id.endsWith('.mp4') ? id.slice(0, -4) : id;
    const found = classOf(label);
    if (found === undefined || found === '' || (known && !KINETICS_SOUNDS.includes(found))) {
      throw malformed(
        file,
        `line ${line}`,
        `"${label.slice(0, 40)}" is not one of the 31 classes${known ? '; `classes: sorted` takes those of the list' : ''}`,
      );
    }
    return clipRow(name, found, file, line, stems);
  };
  if (/\.json$/i.test(file)) return jsonRows(bytes, file, split, row);
  const lines = listLines(bytes, file);
  if (lines[0]!.text.includes(',')) return csvRows(bytes, file, row);
  return lines.map(({ line, text }) => {
    const match = /^(\S+\.mp4)\s+(.+)$/.exec(text) ?? /^(\S+)\s(?:.*\s)?(\S+)$/.exec(text);
    if (match === null) throw malformed(file, `line ${line}`, `expected a clip and its class, found "${text.slice(0, 60)}"`);
    return row(match[1]!, match[2]!, line);
  });
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export const readKineticsList = (path: string, split: SplitName, known: boolean): ClipRow[] =>
  parseKineticsList(readBytes(path), path, split, known);

type MakeRow = (id: string, label: string, line: number, stems?: readonly string[]) => ClipRow;

function csvRows(bytes: Uint8Array, file: string, row: MakeRow): ClipRow[] {
  const { rows } = parseCsv(bytes, file);
  const names = rows[0]!.map((cell) => cell.trim().toLowerCase());
  const [id, label] = [names.indexOf('youtube_id'), names.indexOf('label')];
  if (id < 0 || label < 0) return rows.map((cells, i) => row(cells[0]!.trim(), cells.at(-1)!.trim(), i + 1));
  if (rows.length === 1) throw malformed(file, '', 'the list has a header but no rows');
  const [start, end] = [names.indexOf('time_start'), names.indexOf('time_end')];
  return rows.slice(1).map((cells, i) => {
    const name = cells[id]!.trim();
    const [from, to] = [cells[start], cells[end]];
    const timed = from === undefined || to === undefined ? [] : [`${name}_${from.trim().padStart(6, '0')}_${to.trim().padStart(6, '0')}`];
    return row(name, cells[label]!.trim(), i + 2, [name, ...timed]);
  });
}

function jsonRows(bytes: Uint8Array, file: string, split: SplitName, row: MakeRow): ClipRow[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(decodeText(bytes, file));
  } catch (cause) {
    throw malformed(file, '', messageOf(cause), cause);
  }
  const database = (parsed as { database?: unknown } | null)?.database;
  if (typeof database !== 'object' || database === null) throw malformed(file, '', 'expected a map `database` of clips');
  return Object.entries(database as Record<string, { subset?: unknown; label?: unknown } | null>).flatMap(([id, entry], i) => {
    const subset = SUBSETS[String(entry?.subset)];
    if (subset === undefined || typeof entry?.label !== 'string')
      throw malformed(file, `clip ${i + 1}`, `"${id.slice(0, 40)}" has no subset or label`);
    return subset === split ? [row(id, entry.label, i + 1)] : [];
  });
}
