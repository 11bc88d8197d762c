import type { ComparisonResults } from '@equimodal/comparison';
import { comparisonTable, INSIDE, type Cell, type Column, type Table } from './table.js';

export interface TerminalOptions {
  /** Whether the terminal shows colours: best bold, second underlined. Without, the best is marked `*`. */
  readonly colors?: boolean;
  /** Columns of the terminal; a table that is wider leaves out its least needed columns and says so. */
  readonly width?: number;
}

/** The order in which columns leave a terminal that is too narrow. */
const DISPENSABLE = ['wilcoxon', 'bootstrap', 'peak', 'flops', 'passes', 'backward', 'parameters', 'map', 'macroF1', 'seconds'];
const GAP = '  ';

const style = (code: number, text: string, off: number): string => `\u001b[${code}m${text}\u001b[${off}m`;
const bold = (text: string): string => style(1, text, 22);
const dim = (text: string): string => style(2, text, 22);
const underlined = (text: string): string => style(4, text, 24);

/**
 * The comparison table for a terminal, with aligned `mean ± std` columns and its notes below. Ends without a newline.
 *
 * @example
 * console.log(formatTerminalTable(results, { colors: process.stdout.isTTY, width: process.stdout.columns }));
 */
export function formatTerminalTable(results: ComparisonResults, options: TerminalOptions = {}): string {
  const { colors = false, width = Infinity } = options;
  const full = comparisonTable(results);
  const { table, left } = fitted(full, width, colors);
  const blocks = table.columns.map((column, i) =>
    block(
      column,
      table.rows.map((row) => row[i] ?? { text: '' }),
      colors,
    ),
  );
  const line = (i: number): string =>
    blocks
      .map((lines) => lines[i] ?? '')
      .join(GAP)
      .trimEnd();
  const ruled = '─'.repeat(visible(blocks));
  const notes = [
    ...(colors ? [] : ['* best of its column.']),
    ...(left.length > 0 ? [`Left out for want of width: ${left.join(', ')}.`] : []),
    ...table.notes,
  ].flatMap((note) => wrapped(note, Math.min(width, Math.max(60, ruled.length))));
  return [
    colors ? bold(table.title) : table.title,
    '',
    line(0),
    ruled,
    ...table.rows.map((_, i) => line(i + 1)),
    ruled,
    ...notes.map((note) => (colors ? dim(note) : note)),
  ].join('\n');
}

/** Removes columns until the table fits: costs and second metrics first, then modalities from the last. */
function fitted(full: Table, width: number, colors: boolean): { table: Table; left: string[] } {
  const modalities = full.columns.filter(({ group }) => group === 'modality').map(({ key }) => key);
  const published = full.columns.filter(({ group }) => group === 'published').map(({ key }) => key);
  const order = [...published.reverse(), ...DISPENSABLE, ...modalities.reverse()].filter((key) =>
    full.columns.some((column) => column.key === key),
  );
  const gone = new Set<string>();
  const without = (): Table => {
    const kept = full.columns.flatMap((column, i) => (gone.has(column.key) ? [] : [i]));
    const pick = <T>(list: readonly T[]): T[] => list.filter((_, i) => kept.includes(i));
    return { ...full, columns: pick(full.columns), rows: full.rows.map((row) => pick(row)) };
  };
  const wide = (table: Table): number =>
    visible(
      table.columns.map((column, i) =>
        block(
          column,
          table.rows.map((row) => row[i] ?? { text: '' }),
          colors,
        ),
      ),
    );
  let table = full;
  for (const key of order) {
    if (wide(table) <= width) break;
    gone.add(key);
    table = without();
  }
  return { table, left: full.columns.flatMap(({ key, header }) => (gone.has(key) ? [header] : [])) };
}

/** A header and its cells as lines of one width (styles take no width). */
function block(column: Column, cells: readonly Cell[], colors: boolean): string[] {
  const means = Math.max(0, ...cells.map((cell) => cell.text.length));
  const spreads = Math.max(0, ...cells.map((cell) => cell.spread?.length ?? 0));
  const marked = !colors && cells.some((cell) => cell.rank === 'best');
  const plain = cells.map((cell) => {
    if (column.group === 'recipe') return cell.text;
    if (column.key === 'p') return cell.text.padEnd(means) + (cell.inside === true ? ` ${INSIDE}` : '');
    const tail = cell.spread === undefined ? '' : ` ± ${cell.spread.padStart(spreads)}`;
    const mark = marked ? (cell.rank === 'best' ? '*' : ' ') : '';
    return cell.text.padStart(means) + tail.padEnd(spreads > 0 ? spreads + 3 : 0) + mark;
  });
  const width = Math.max(column.header.length, ...plain.map((text) => text.length));
  const start = column.group === 'recipe' || column.key === 'p';
  const aligned = (text: string): string => (start ? text.padEnd(width) : text.padStart(width));
  return [
    colors ? bold(aligned(column.header)) : aligned(column.header),
    ...plain.map((text, i) => (colors ? painted(aligned(text), cells[i]) : aligned(text))),
  ];
}

function painted(text: string, cell: Cell | undefined): string {
  if (cell?.inside === true) return dim(text);
  if (cell?.rank === undefined) return text;
  const inner = text.trim();
  const paint = cell.rank === 'best' ? bold : underlined;
  return text.replace(inner, () => paint(inner));
}

function visible(blocks: readonly string[][]): number {
  const widths = blocks.map(([header = '']) => header.replace(/\u001b\[\d+m/g, '').length);
  return widths.reduce((total, width) => total + width, GAP.length * (widths.length - 1));
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
