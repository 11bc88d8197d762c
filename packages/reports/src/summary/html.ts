import { escapeHtml } from '../html/escape.js';
import { contents, page, plotHtml, section } from '../html/html.js';
import { list, plural, pValue } from '../format/format.js';
import type { Summary } from './summary.js';

/** The summary as a page of its own, with links to the report of each experiment. */
export function summaryHtml(summary: Summary, plots: readonly { readonly name: string; readonly svg: string }[], version: string): string {
  const sections = [
    section(
      'In plain words',
      words(summary)
        .map((text) => `<p>${escapeHtml(text)}</p>`)
        .join('\n'),
      'words',
    ),
    ...(plots.length === 0 ? [] : [section('Ranks', plots.map(({ name, svg }) => plotHtml(name, svg)).join('\n'))]),
    section('Test accuracy', tableHtml(summary)),
  ];
  const head =
    `<header><h1>${plural(summary.experiments.length, 'comparison')}</h1>` +
    `<p class="lead">The same rows on ${escapeHtml(list(summary.experiments.map(({ name }) => name)))}.</p></header>`;
  return page('Comparisons', [head, contents(sections), ...sections, `<footer>Equimodal ${escapeHtml(version)}</footer>`]);
}

/** What the ranks say, in sentences. */
export function words({ experiments, rows, ranks }: Summary): string[] {
  const legacy = experiments.filter(({ selection }) => selection.includes('legacy-test'));
  const warning =
    legacy.length === 0
      ? []
      : [`Selected on test (legacy-test), so too high by an unknown amount: ${list(legacy.map(({ name }) => name))}.`];
  if (ranks === null) return [...warning, 'Fewer than two rows are in all of these comparisons, so there are no ranks.'];
  const [best] = ranks.rows;
  const left = rows.length - ranks.rows.length;
  const alike = ranks.rows.filter(({ average }) => average - best!.average <= ranks.criticalDifference).slice(1);
  const friedman =
    ranks.friedman === null
      ? []
      : [
          `Friedman's test that all rows are alike gives p ${pValue(ranks.friedman.fPValue).replace(/^\./, '= .')} over ${ranks.datasets.length} data sets.`,
        ];
  return [
    ...warning,
    `${best!.name} has the best average rank, ${best!.average.toFixed(2)} of ${ranks.rows.length}.` +
      (alike.length === 0
        ? ' No other row is within the critical difference.'
        : ` ${plural(alike.length, 'row')} cannot be told from it (Nemenyi's test, critical difference ${ranks.criticalDifference.toFixed(2)}): ${list(alike.map(({ name }) => name))}.`),
    ...friedman,
    ...(left === 0
      ? []
      : [`${plural(left, 'row')} ${left === 1 ? 'is' : 'are'} not in all of the comparisons and ${left === 1 ? 'has' : 'have'} no rank.`]),
  ];
}

function tableHtml({ experiments, rows, ranks }: Summary): string {
  const rank = (recipe: string): number | undefined => ranks?.rows.find(({ name }) => name === recipe)?.average;
  const head = (name: string, first: string, kind: string, link?: string): string =>
    `<th scope="col" aria-sort="none" data-first="${first}" data-kind="${kind}" data-name="${escapeHtml(name)}">` +
    `<button type="button">${escapeHtml(name)}</button>${link === undefined ? '' : `<a href="${escapeHtml(link)}">report</a>`}</th>`;
  const best = experiments.map((_, i) =>
    rows.map(({ shown }) => shown[i]!).reduce((a, b) => (parseFloat(b) > parseFloat(a) || a === '–' ? b : a), '–'),
  );
  const body = rows.map(({ recipe, accuracy, shown }) => {
    const average = rank(recipe);
    const cells = shown.map((text, i) => {
      const top = accuracy[i] !== null && parseFloat(text) === parseFloat(best[i]!) ? ' class="best"' : '';
      const value = accuracy[i] === null ? '' : ` data-value="${accuracy[i]}"`;
      return `<td${top}${value}>${escapeHtml(text)}</td>`;
    });
    const place = average === undefined ? '<td>–</td>' : `<td data-value="${average}">${average.toFixed(2)}</td>`;
    return `<tr><th scope="row" data-value="${escapeHtml(recipe)}">${escapeHtml(recipe)}</th>${place}${cells.join('')}</tr>`;
  });
  return [
    '<div class="scroll" tabindex="0" role="region" aria-label="Test accuracy, scrolls sideways"><table class="sortable">',
    `<thead><tr>${head('recipe', 'ascending', 'text')}${head('average rank', 'ascending', 'number')}`,
    `${experiments.map(({ name, report }) => head(name, 'descending', 'number', report)).join('')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody></table></div><p class="hidden" role="status"></p>`,
    '<ul class="notes"><li>Percent, mean ± sample standard deviation over seeds. Bold: best of its column.</li></ul>',
  ].join('\n');
}
