import type { ComparisonResults } from '@equimodal/comparison';
import { comparisonTable, INSIDE, type Cell, type Column, type ColumnGroup } from '../tables/table.js';
import { escapeHtml } from './escape.js';

const HEADS: Readonly<Record<ColumnGroup, string>> = {
  recipe: '',
  metric: 'test, percent',
  modality: 'accuracy by modality',
  published: 'published, not ours',
  reference: 'to the reference',
  cost: 'cost',
};

/** Columns in which small is what one looks for, so that the first press of their button sorts upwards. */
const SMALL_FIRST: readonly string[] = [
  'recipe',
  'p',
  'wilcoxon',
  'bootstrap',
  'parameters',
  'flops',
  'seconds',
  'backward',
  'passes',
  'peak',
];

/** The comparison table as HTML with its notes: group headings, sortable columns, best bold, second underlined, published in grey. */
export function tableHtml(results: ComparisonResults): string {
  const { columns, rows, values, notes, marks } = comparisonTable(results);
  const body = rows.map((row, i) => {
    const source = results.rows[i];
    const reference = source?.recipe === results.reference ? ' class="reference"' : '';
    const cells = row.map((cell, j) => cellHtml(cell, columns[j], values[i]?.[j] ?? null, source));
    return `<tr${reference}>${cells.join('')}</tr>`;
  });
  const legend = ['Bold: best of its column; underlined: second.', ...(marks === null ? [] : [marks]), ...notes];
  return [
    '<div class="scroll" tabindex="0" role="region" aria-label="Results, scrolls sideways"><table class="sortable">',
    `<caption class="hidden">${escapeHtml(results.experiment)}: one row a recipe</caption>`,
    `<thead><tr class="group">${groups(columns)}</tr><tr>${columns.map(headHtml).join('')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody>`,
    '</table></div>',
    '<p class="hidden" role="status"></p>',
    `<ul class="notes">${legend.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`,
  ].join('\n');
}

function headHtml(column: Column): string {
  const text = escapeHtml(column.header);
  const first = SMALL_FIRST.includes(column.key) ? 'ascending' : 'descending';
  const kind = column.group === 'recipe' ? 'text' : 'number';
  const classes = [column.key === 'p' ? 'start' : '', column.group === 'published' ? 'published' : '']
    .filter((name) => name !== '')
    .join(' ');
  return (
    `<th scope="col"${classes === '' ? '' : ` class="${classes}"`} aria-sort="none" data-first="${first}" data-kind="${kind}" data-name="${text}">` +
    `<button type="button">${text}</button></th>`
  );
}

function groups(columns: readonly Column[]): string {
  const order = [...new Set(columns.map(({ group }) => group))];
  return order
    .map((group) => {
      const span = columns.filter((column) => column.group === group).length;
      return group === 'recipe' ? `<td colspan="${span}"></td>` : `<th scope="colgroup" colspan="${span}">${HEADS[group]}</th>`;
    })
    .join('');
}

function cellHtml(
  cell: Cell,
  column: Column | undefined,
  value: number | null,
  source: ComparisonResults['rows'][number] | undefined,
): string {
  const spread = cell.spread === undefined ? '' : `<span class="spread"> ± ${cell.spread}</span>`;
  if (column?.group === 'recipe') {
    const name = escapeHtml(source?.recipe ?? '');
    return `<th scope="row" data-value="${name}">${escapeHtml(cell.text)}<small>${escapeHtml(source?.description ?? '')}</small></th>`;
  }
  const classes = [cell.rank, column?.key === 'p' ? 'start' : undefined, column?.group === 'published' ? 'published' : undefined].filter(
    (name) => name !== undefined,
  );
  const noise = cell.inside === true ? `<span class="noise">${INSIDE}</span>` : '';
  const mark = cell.mark === undefined ? '' : `<sup>${cell.mark}</sup>`;
  const attribute = classes.length > 0 ? ` class="${classes.join(' ')}"` : '';
  const data = value === null || !Number.isFinite(value) ? '' : ` data-value="${value}"`;
  return `<td${attribute}${data}><span class="figure">${escapeHtml(cell.text)}${mark}${spread}</span>${noise}</td>`;
}
