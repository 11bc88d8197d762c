import { malformed, readBytes } from '../readers/bytes.js';
import { parseCsv } from '../readers/csv.js';
import { clipRow, listLines, type ClipRow } from '../clips/list.js';

/** Emotions in the order that most released code numbers them in. */
export const EMOTIONS = ['NEU', 'HAP', 'SAD', 'FEA', 'DIS', 'ANG'] as const;

const LONG_NAMES: Readonly<Record<string, string>> = {
  neutral: 'NEU',
  happy: 'HAP',
  sad: 'SAD',
  fear: 'FEA',
  disgust: 'DIS',
  anger: 'ANG',
};

/** Actor, sentence, emotion, level: `1001_IEO_HAP_LO`. */
const STEM = /^(\d{4})_([A-Z]{3})_([A-Z]{3})_([A-Z]{1,2})$/;

/** Actor of a clip; what is before the first underscore of other names. */
export const actorOf = (name: string): string => name.split('_', 1)[0]!;

/** The emotion that a clip's name says was acted; undefined for other names. */
export function actedEmotion(name: string): string | undefined {
  const emotion = STEM.exec(name)?.[3];
  return (EMOTIONS as readonly string[]).includes(emotion ?? '') ? emotion : undefined;
}

/** A label as one of the emotions: `HAP`, `hap` or `Happy`. */
function emotionOf(label: string): string | undefined {
  const upper = label.toUpperCase();
  return (EMOTIONS as readonly string[]).includes(upper) ? upper : LONG_NAMES[label.toLowerCase()];
}

/**
 * Reads a list of clips: `clip,EMO` with or without a header, or `clip.flv Emotion`.
 *
 * @throws EQM_DATA_MALFORMED naming the line of a name or an emotion that is none.
 */
export function parseCremaList(bytes: Uint8Array, file: string): ClipRow[] {
  const lines = listLines(bytes, file);
  if (/\.flv\s/.test(lines[0]!.text)) {
    return lines.map(({ line, text }) => {
      const match = /^(.+?)\.flv\s+(.+)$/.exec(text);
      if (match === null) throw malformed(file, `line ${line}`, `expected "clip.flv Emotion", found "${text.slice(0, 60)}"`);
      return rowOf(match[1]!, match[2]!, file, line);
    });
  }
  const { rows } = parseCsv(bytes, file);
  const header = emotionOf(rows[0]![1]?.trim() ?? '') === undefined && actedEmotion(rows[0]![0]!.trim()) === undefined;
  if (header && rows.length === 1) throw malformed(file, '', 'the list has no rows');
  return rows.slice(header ? 1 : 0).map((cells, i) => {
    const line = i + (header ? 2 : 1);
    if (cells.length < 2) throw malformed(file, `line ${line}`, `expected "clip,EMOTION", found "${cells.join().slice(0, 60)}"`);
    return rowOf(cells[0]!.trim(), cells[1]!.trim(), file, line);
  });
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export const readCremaList = (path: string): ClipRow[] => parseCremaList(readBytes(path), path);

function rowOf(name: string, label: string, file: string, line: number): ClipRow {
  const emotion = emotionOf(label);
  if (emotion === undefined) throw malformed(file, `line ${line}`, `"${label.slice(0, 40)}" is not one of ${EMOTIONS.join(', ')}`);
  return clipRow(name, emotion, file, line);
}
