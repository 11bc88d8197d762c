import type { ComparisonResults } from '@equimodal/comparison';
import { duration, grouped, list, plural } from '../format/format.js';
import type { DrawnPlot } from '../plots/plots.js';
import { reading } from '../reading/reading.js';
import { selectionRule } from '../reading/selection.js';
import { escapeHtml } from './escape.js';
import { furtherHtml } from './further.js';
import { rowsHtml } from './rows.js';
import { SORT_SCRIPT } from './sort.js';
import { styleSheet } from './style.js';
import { tableHtml } from './table.js';

export interface HtmlOptions {
  /** The command that made these results, shown under "How to reproduce". */
  readonly command?: string;
}

/**
 * The report as one HTML page that needs nothing beside itself: no network, plots and fonts inline, for light and dark screens
 * and for print. Its one script sorts the table. The same results and plots give the same bytes.
 */
export function formatHtml(
  results: ComparisonResults,
  plots: readonly Pick<DrawnPlot, 'name' | 'svg'>[],
  options: HtmlOptions = {},
): string {
  const further = furtherHtml(results);
  const sections = [
    section('In plain words', reading(results).map(paragraph).join('\n'), 'words'),
    results.rows.length === 0 ? '' : section('Results', tableHtml(results)),
    ...PLOT_SECTIONS.map(([title, names]) =>
      plotSection(
        title,
        plots.filter(({ name }) => names.includes(name)),
      ),
    ),
    plotSection(
      'Further plots',
      plots.filter(({ name }) => !PLOT_SECTIONS.some(([, names]) => names.includes(name))),
    ),
    further === '' ? '' : section('Further figures', further),
    failures(results),
    results.runs.length === 0 ? '' : section('Rows one by one', rowsHtml(results), 'rows'),
    section('What was compared', compared(results)),
    section('How to reproduce', reproduce(results, options)),
  ].filter((text) => text !== '');
  return page(`${results.experiment}: comparison`, [
    header(results),
    warning(results),
    contents(sections),
    ...sections,
    `<footer>Equimodal ${escapeHtml(results.version)}</footer>`,
  ]);
}

/** A whole page around its parts. */
export function page(title: string, parts: readonly string[]): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(title)}</title>`,
    // Without it a browser asks the server for an icon.
    '<link rel="icon" href="data:,">',
    `<style>${styleSheet()}</style>`,
    '</head>',
    '<body><a class="skip" href="#main">To the content</a><main id="main">',
    ...parts.filter((text) => text !== ''),
    '</main>',
    `<script>${SORT_SCRIPT}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** Which plots stand together, in the order of the page. */
const PLOT_SECTIONS: readonly (readonly [string, readonly string[]])[] = [
  ['As published', ['figure']],
  ['Test accuracy', ['accuracy', 'modality-test']],
  ['Modalities and robustness', ['contributions', 'missing', 'noise']],
  ['Over training', ['modality-curves', 'alpha', 'loss', 'gap', 'gradients']],
  ['Features', ['features-pca', 'features-umap']],
  ['Calibration', ['reliability']],
  ['Confusion', ['confusion']],
];

function plotSection(title: string, plots: readonly Pick<DrawnPlot, 'name' | 'svg'>[]): string {
  if (plots.length === 0) return '';
  return section(title, plots.map(({ name, svg }) => plotHtml(name, svg)).join('\n'));
}

/** A plot; a narrow screen scrolls it sideways. */
export const plotHtml = (name: string, svg: string): string =>
  `<figure class="plot" data-plot="${escapeHtml(name)}" tabindex="0">${svg}</figure>`;

/** Links to the sections. */
export function contents(sections: readonly string[]): string {
  const links = sections.flatMap((text) => {
    const found = /<h2 id="([^"]+)">([^<]+)<\/h2>/.exec(text);
    return found === null ? [] : [`<li><a href="#${found[1]}">${found[2]}</a></li>`];
  });
  return `<nav aria-label="Contents"><ul>${links.join('')}</ul></nav>`;
}

/** A paragraph in which `p = .012` stays on one line. */
const paragraph = (text: string): string => `<p>${escapeHtml(text.replace(/\bp ([=<]) /g, 'p\u00a0$1\u00a0'))}</p>`;

export function section(title: string, content: string, kind = ''): string {
  const id = title.toLowerCase().replace(/[^a-z]+/g, '-');
  return `<section aria-labelledby="${id}"${kind === '' ? '' : ` class="${kind}"`}><h2 id="${id}">${title}</h2>\n${content}\n</section>`;
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
      `<tr><th scope="row">${escapeHtml(recipe)}</th><td>${seed}</td><td class="start wrap">${escapeHtml(message)}</td></tr>`,
  );
  return section(
    'Runs that did not finish',
    `<div class="scroll" tabindex="0" role="region" aria-label="Runs that did not finish, scrolls sideways"><table><thead><tr><th scope="col">recipe</th><th scope="col">seed</th><th scope="col" class="start">reason</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`,
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
  const shown = command === undefined ? '' : `<pre tabindex="0"><code>${escapeHtml(command)}</code></pre>\n`;
  const words =
    `Run the experiment ${results.experiment} again with Equimodal ${results.version} on data with the fingerprint above. ` +
    'Each run folder holds the resolved configuration, the seed, the versions, the engine, the signals and the metrics of ' +
    'its run, and the commands of single rows stand above; results.json beside this page holds every figure shown here.';
  return shown + paragraph(words);
}
