import type { ComparisonResults } from '@equimodal/comparison';
import { comparisonTable, INSIDE, type Cell, type Column, type ColumnGroup } from '../tables/table.js';
import { escapeHtml } from './escape.js';

const HEADS: Readonly<Record<ColumnGroup, string>> = {
  recipe: '',
  metric: 'test, percent',
  modality: 'accuracy by modality',
  reference: 'to the reference',
  cost: 'cost',
};

/** The comparison table as HTML with its notes: group headings, best bold, second underlined, descriptions below names. */
export function tableHtml(results: ComparisonResults): string {
  const { columns, rows, notes } = comparisonTable(results);
  const body = rows.map((row, i) => {
    const source = results.rows[i];
    const reference = source?.recipe === results.reference ? ' class="reference"' : '';
    const cells = row.map((cell, j) => cellHtml(cell, columns[j], source?.description ?? ''));
    return `<tr${reference}>${cells.join('')}</tr>`;
  });
  const head = columns.map((column) => `<th scope="col"${start(column)}>${escapeHtml(column.header)}</th>`);
  return [
    '<div class="scroll"><table>',
    `<thead><tr class="group">${groups(columns)}</tr><tr>${head.join('')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody>`,
    '</table></div>',
    `<ul class="notes"><li>Bold: best of its column; underlined: second.</li>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`,
  ].join('\n');
}

const start = ({ key }: Column): string => (key === 'p' ? ' class="start"' : '');

function groups(columns: readonly Column[]): string {
  const order = [...new Set(columns.map(({ group }) => group))];
  return order.map((group) => `<th colspan="${columns.filter((column) => column.group === group).length}">${HEADS[group]}</th>`).join('');
}

function cellHtml(cell: Cell, column: Column | undefined, description: string): string {
  const spread = cell.spread === undefined ? '' : `<span class="spread"> ± ${cell.spread}</span>`;
  if (column?.group === 'recipe') return `<td>${escapeHtml(cell.text)}<small>${escapeHtml(description)}</small></td>`;
  const classes = [cell.rank, column?.key === 'p' ? 'start' : undefined].filter((name) => name !== undefined);
  const noise = cell.inside === true ? `<span class="noise">${INSIDE}</span>` : '';
  const attribute = classes.length > 0 ? ` class="${classes.join(' ')}"` : '';
  return `<td${attribute}><span class="figure">${escapeHtml(cell.text)}${spread}</span>${noise}</td>`;
}
