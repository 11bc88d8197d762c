import { clipRow, type ClipLists, type ClipRow } from '../clips/list.js';
import { malformed, readBytes } from '../readers/bytes.js';
import { parseCsv } from '../readers/csv.js';

/**
 * Reads the list of all clips: `video id, start second, class, train or test`, with or without a header. Files are looked for
 * under `<id>_<start>`, the second as it is written, with six digits, and without leading zeros.
 *
 * @throws EQM_DATA_MALFORMED naming the line.
 */
export function parseVggSoundList(bytes: Uint8Array, file: string): ClipLists {
  const { rows } = parseCsv(bytes, file);
  const lists: { train: ClipRow[]; test: ClipRow[] } = { train: [], test: [] };
  const header = /^(youtube[ _]id|id)$/i.test(rows[0]![0]!.trim().replace(/^# */, ''));
  for (const [i, cells] of rows.entries()) {
    if (header && i === 0) continue;
    const [id, start, label, split] = cells.map((cell) => cell.trim());
    if (split === undefined || !/^\d{1,9}$/.test(start!) || label === '' || (split !== 'train' && split !== 'test'))
      throw malformed(file, `line ${i + 1}`, `expected "id,second,class,train|test", found "${cells.join().slice(0, 60)}"`);
    const padded = `${id!}_${start!.padStart(6, '0')}`;
    const stems = new Set([`${id!}_${start!}`, padded, `${id!}_${Number(start)}`]);
    lists[split].push({ ...clipRow(padded, label!, file, i + 1, [...stems]) });
  }
  for (const split of ['train', 'test'] as const) if (lists[split].length === 0) throw malformed(file, '', `the list has no ${split} rows`);
  return lists;
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export const readVggSoundList = (path: string): ClipLists => parseVggSoundList(readBytes(path), path);
