import { malformed, readBytes } from '../readers/bytes.js';
import { textLines } from '../readers/text.js';

/** A row of a list of clips. */
export interface ClipRow {
  /** What the clip is called in the list; no other row of the split has it, once repeated rows are left out. */
  readonly name: string;
  readonly label: string;
  /** Names that its files may go by, the likeliest first. Default: its name. */
  readonly stems?: readonly string[];
  /** Where it stands: file and line. */
  readonly where: string;
}

/** The lists of a dataset. */
export interface ClipLists {
  readonly train: readonly ClipRow[];
  readonly validation?: readonly ClipRow[] | undefined;
  readonly test: readonly ClipRow[];
}

export interface ListLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** Lines of a UTF-8 text (byte-order mark, LF or CRLF) that are not blank, trimmed. @throws EQM_DATA_MALFORMED when there are none. */
export function listLines(bytes: Uint8Array, file: string): ListLine[] {
  const lines = textLines(bytes, file)
    .map((text, i) => ({ line: i + 1, text: text.trim() }))
    .filter(({ text }) => text !== '');
  if (lines.length === 0) throw malformed(file, '', 'the list has no rows');
  return lines;
}

/** @throws EQM_DATA_MISSING, EQM_DATA_MALFORMED */
export const readListLines = (path: string): ListLine[] => listLines(readBytes(path), path);

/**
 * A name out of a list, as part of a path.
 *
 * @param nested whether it may name folders within folders.
 * @throws EQM_DATA_MALFORMED for one that is empty, absolute or leads out of its folder.
 */
export function safeName(name: string, file: string, line: number, nested = false): string {
  const parts = nested ? name.split('/') : [name];
  const unsafe = parts.some((part) => part === '' || part === '.' || part === '..' || /[/\\\0]/.test(part)) || /^[a-z]:/i.test(name);
  if (unsafe || name.length > 1024) throw malformed(file, `line ${line}`, `"${name.slice(0, 60)}" is not the name of a file`);
  return name;
}

/** A row, its name checked. */
export function clipRow(name: string, label: string, file: string, line: number, stems?: readonly string[]): ClipRow {
  for (const stem of stems ?? [name]) safeName(stem, file, line);
  return { name, label, where: `${file}, line ${line}`, ...(stems === undefined ? {} : { stems }) };
}
