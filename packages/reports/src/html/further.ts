import type { ComparisonResults, Figure } from '@equimodal/comparison';
import { isNoisePoint } from '../plots/noise.js';
import { comparisonTable } from '../tables/table.js';
import { escapeHtml } from './escape.js';

/** Every measured test figure that has no column in the main table and is no point of a curve, as it is, not in percent; empty where there is none. */
export function furtherHtml(results: ComparisonResults): string {
  const shown = new Set(comparisonTable(results).columns.map(({ key }) => key));
  const keys = [...new Set(results.rows.flatMap(({ metrics }) => Object.keys(metrics)))]
    .filter((key) => !shown.has(key) && !isNoisePoint(key))
    .sort(byModality);
  if (keys.length === 0) return '';
  const head = (name: string, kind: string, first: string): string =>
    `<th scope="col" aria-sort="none" data-first="${first}" data-kind="${kind}" data-name="${escapeHtml(name)}">` +
    `<button type="button">${escapeHtml(name)}</button></th>`;
  const body = results.rows.map(({ recipe, metrics }) => {
    const name = escapeHtml(recipe);
    const reference = recipe === results.reference ? ' class="reference"' : '';
    return `<tr${reference}><th scope="row" data-value="${name}">${name}</th>${keys.map((key) => cell(metrics[key])).join('')}</tr>`;
  });
  return [
    '<div class="scroll" tabindex="0" role="region" aria-label="Further figures, scrolls sideways"><table class="sortable">',
    `<thead><tr>${head('recipe', 'text', 'ascending')}${keys.map((key) => head(key, 'number', 'descending')).join('')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody></table></div><p class="hidden" role="status"></p>`,
    '<ul class="notes"><li>Test figures as measured: fractions and distances, not percent; mean ± sample standard deviation over seeds. They are diagnoses, so none is marked as best.</li></ul>',
  ].join('\n');
}

/** Figures of the whole first, then those of single modalities, each by name. */
function byModality(a: string, b: string): number {
  return Number(a.includes('/')) - Number(b.includes('/')) || a.localeCompare(b);
}

function cell(figure: Figure | undefined): string {
  if (figure === undefined || !Number.isFinite(figure.mean)) return '<td>–</td>';
  const digits = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(3));
  const spread = figure.values.length < 2 ? '' : `<span class="spread"> ± ${digits(figure.std)}</span>`;
  return `<td data-value="${figure.mean}">${digits(figure.mean)}${spread}</td>`;
}
