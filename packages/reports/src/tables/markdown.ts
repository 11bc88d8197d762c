import type { ComparisonResults } from '@equimodal/comparison';
import { NOTHING } from '../format/format.js';
import { comparisonTable, INSIDE, type Cell, type Column } from './table.js';

/** Makes a name safe inside a Markdown table: no cell borders, emphasis, links, HTML or line breaks. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|~#]/g, (character) => `\\${character}`).replace(/\s*[\r\n]+\s*/g, ' ');
}

/** The comparison table in Markdown (GitHub's tables), with its notes as a list below; best bold, second underlined. */
export function formatMarkdownTable(results: ComparisonResults): string {
  const table = comparisonTable(results);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const start = ({ group, key }: { group: string; key: string }): boolean => group === 'recipe' || key === 'p';
  return [
    `**${escapeMarkdown(table.title)}**`,
    '',
    line(table.columns.map(({ header }) => escapeMarkdown(header))),
    line(table.columns.map((column) => (start(column) ? ':---' : '---:'))),
    ...table.rows.map((row) => line(row.map((cell, i) => markdownCell(cell, table.columns[i])))),
    '',
    'Bold: best of its column; underlined: second.',
    '',
    ...(table.marks === null ? [] : [`- ${escapeMarkdown(table.marks)}`]),
    ...table.notes.map((note) => `- ${escapeMarkdown(note)}`),
    '',
  ].join('\n');
}

function markdownCell(cell: Cell, column: Column | undefined): string {
  const mark = cell.mark === undefined ? '' : ` ${escapeMarkdown(cell.mark)}`;
  const text = escapeMarkdown(cell.text) + (cell.spread === undefined ? '' : ` ± ${cell.spread}`) + mark;
  if (column?.group === 'published' && cell.text !== NOTHING) return `_${text}_`;
  if (cell.inside === true) return `${text} (${INSIDE})`;
  if (cell.rank === 'best') return `**${text}**`;
  return cell.rank === 'second' ? `<u>${text}</u>` : text;
}
