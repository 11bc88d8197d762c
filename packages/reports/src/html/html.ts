import type { ComparisonResults } from '@equimodal/comparison';
import { duration, grouped, list, plural } from '../format/format.js';
import type { DrawnPlot } from '../plots/plots.js';
import { reading } from '../reading/reading.js';
import { selectionRule } from '../reading/selection.js';
import { escapeHtml } from './escape.js';
import { styleSheet } from './style.js';
import { tableHtml } from './table.js';

export interface HtmlOptions {
  /** The command that made these results, shown under "How to reproduce". */
  readonly command?: string;
}

/**
 * The report as one HTML page that needs nothing beside itself: no script, no network, plots and fonts inline, for
 * light and dark screens and for print. The same results and plots give the same bytes.
 */
export function formatHtml(
  results: ComparisonResults,
  plots: readonly Pick<DrawnPlot, 'name' | 'svg'>[],
  options: HtmlOptions = {},
): string {
  const sections = [
    header(results),
    warning(results),
    section('In plain words', reading(results).map(paragraph).join('\n'), 'words'),
    results.rows.length === 0 ? '' : section('Results', tableHtml(results)),
    plots.length === 0 ? '' : section('Plots', plots.map(({ svg }) => `<figure class="plot">${svg}</figure>`).join('\n')),
    failures(results),
    section('What was compared', compared(results)),
    section('How to reproduce', reproduce(results, options)),
    `<footer>Equimodal ${escapeHtml(results.version)}</footer>`,
  ];
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(results.experiment)}: comparison</title>`,
    `<style>${styleSheet()}</style>`,
    '</head>',
    '<body><main>',
    ...sections.filter((text) => text !== ''),
    '</main></body>',
    '</html>',
    '',
  ].join('\n');
}

/** A paragraph in which `p = .012` stays on one line. */
const paragraph = (text: string): string => `<p>${escapeHtml(text.replace(/\bp ([=<]) /g, 'p\u00a0$1\u00a0'))}</p>`;

function section(title: string, content: string, kind = ''): string {
  return `<section${kind === '' ? '' : ` class="${kind}"`}><h2>${title}</h2>\n${content}\n</section>`;
}

function header({ experiment, description, rows, dataset, engine, wallSeconds }: ComparisonResults): string {
  const runs = rows.reduce((total, row) => total + row.seeds.length, 0);
  const facts = [
    [plural(rows.length, 'recipe'), `in ${plural(runs, 'run')}`],
    [dataset.id, `with ${list(dataset.modalities)}`],
    [engine.id, engine.gpu ? 'engine, GPU' : 'engine, CPU'],
    [duration(wallSeconds), 'in all'],
  ];
  const items = facts.map(([strong = '', rest = '']) => `<li><b>${escapeHtml(strong)}</b> ${escapeHtml(rest)}</li>`);
  return [
    '<header>',
    `<h1>${escapeHtml(experiment)}</h1>`,
    description === '' ? '' : `<p class="lead">${escapeHtml(description)}</p>`,
    `<ul class="facts">${items.join('')}</ul>`,
    '</header>',
  ].join('\n');
}

function warning({ selection }: ComparisonResults): string {
  const rule = selectionRule(selection);
  return rule.legacy ? `<section class="warning"><p>${escapeHtml(rule.sentence)}</p></section>` : '';
}

function failures({ failures: failed }: ComparisonResults): string {
  if (failed.length === 0) return '';
  const rows = failed.map(
    ({ recipe, seed, message }) =>
      `<tr><td>${escapeHtml(recipe)}</td><td>${seed}</td><td class="start" style="white-space:normal">${escapeHtml(message)}</td></tr>`,
  );
  return section(
    'Runs that did not finish',
    `<div class="scroll"><table><thead><tr><th>recipe</th><th>seed</th><th class="start">reason</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`,
  );
}

function compared(results: ComparisonResults): string {
  const { dataset, engine } = results;
  const sizes = Object.entries(dataset.sizes).map(([split, size]) => `${split} ${grouped(size)}`);
  const versions = Object.entries(engine.versions).map(([name, version]) => `${name} ${version}`);
  const entries: [string, readonly string[]][] = [
    ['Dataset', [`${dataset.id}: ${plural(dataset.classes, 'class', 'classes')}, ${list(dataset.modalities)}`]],
    ['Samples', [sizes.join(', ')]],
    ['Data notes', dataset.notes],
    ['Data fingerprint', [dataset.fingerprint]],
    ['Recipes', [list(results.rows.map(({ recipe }) => recipe))]],
    ['Reference', [results.reference ?? 'none']],
    ['Seeds', [list([...new Set(results.rows.flatMap(({ seeds }) => seeds))].sort((a, b) => a - b).map(String))]],
    ['Selection', [`${results.selection}. ${selectionRule(results.selection).sentence}`]],
    ['Engine', [`${engine.id} (${engine.backend}, ${engine.gpu ? 'GPU' : 'CPU'})`]],
    ['Versions', [[`equimodal ${results.version}`, ...versions].join(', ')]],
    ['Wall time', [duration(results.wallSeconds)]],
  ];
  const shown = entries.filter(([, lines]) => lines.some((line) => line !== ''));
  return `<dl>${shown.map(([term, lines]) => `<dt>${term}</dt><dd>${lines.map(escapeHtml).join('<br>')}</dd>`).join('\n')}</dl>`;
}

function reproduce(results: ComparisonResults, { command }: HtmlOptions): string {
  const shown = command === undefined ? '' : `<pre><code>${escapeHtml(command)}</code></pre>\n`;
  const words =
    `Run the experiment ${results.experiment} again with Equimodal ${results.version} on data with the fingerprint above. ` +
    'Each run folder holds the resolved configuration, the seed, the versions, the engine, the signals and the metrics of ' +
    'its run; results.json beside this page holds every figure shown here.';
  return shown + paragraph(words);
}
