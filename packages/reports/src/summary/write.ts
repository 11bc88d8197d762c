import type { ComparisonResults } from '@equimodal/comparison';
import { criticalDifferencePlot } from '../plots/critical-difference.js';
import { renderPng, renderSvg } from '../plots/render.js';
import { escapeCsv } from '../tables/csv.js';
import { escapeLatex } from '../tables/latex.js';
import { escapeMarkdown } from '../tables/markdown.js';
import { writeFolder, type WrittenReport } from '../write/folder.js';
import { summaryHtml, words } from './html.js';
import { summarize, type Summary } from './summary.js';

/** One comparison of a summary, and the address of its own report seen from the summary. */
export interface Part {
  readonly results: ComparisonResults;
  readonly report: string;
}

/**
 * Writes what several comparisons say together: report.html, ranks.json, table.md, table.tex, table.csv, and the
 * critical-difference plot as SVG and PNG where two rows or more are in all of them.
 *
 * @throws EQM_REPORT_WRITE when the folder cannot be written.
 */
export async function writeSummary(
  parts: readonly Part[],
  dir: string,
  version: string,
): Promise<WrittenReport & { readonly summary: Summary }> {
  const summary = summarize(
    parts.map(({ results }) => results),
    parts.map(({ report }) => report),
  );
  const plots = summary.ranks === null ? [] : [criticalDifferencePlot(summary.ranks)];
  const drawn = await Promise.all(plots.map(async (plot) => ({ name: plot.name, svg: await renderSvg(plot) })));
  const pngs = await Promise.all(drawn.map(async ({ name, svg }): Promise<[string, Buffer]> => [`${name}.png`, await renderPng(svg)]));
  const contents = new Map<string, string | Buffer>([
    ['report.html', summaryHtml(summary, drawn, version)],
    ['table.md', markdown(summary)],
    ['table.tex', latex(summary)],
    ['table.csv', csv(summary)],
    ...drawn.map(({ name, svg }): [string, string] => [`${name}.svg`, `${svg}\n`]),
    ...pngs,
    ['ranks.json', `${JSON.stringify(summary, null, 2)}\n`],
  ]);
  const files = await writeFolder(dir, contents, ['critical-difference.svg', 'critical-difference.png']);
  return { files, notes: [], summary };
}

/** Rows as texts: recipe, average rank, accuracy in each experiment. */
function cells({ rows, ranks }: Summary): string[][] {
  return rows.map(({ recipe, shown }) => [recipe, ranks?.rows.find(({ name }) => name === recipe)?.average.toFixed(2) ?? '–', ...shown]);
}

const header = ({ experiments }: Summary): string[] => ['recipe', 'average rank', ...experiments.map(({ name }) => name)];

function markdown(summary: Summary): string {
  const line = (texts: readonly string[]): string => `| ${texts.map(escapeMarkdown).join(' | ')} |`;
  const rule = `| :--- |${' ---: |'.repeat(summary.experiments.length + 1)}`;
  return [
    line(header(summary)),
    rule,
    ...cells(summary).map(line),
    '',
    ...words(summary).map((text) => `- ${escapeMarkdown(text)}`),
    '',
  ].join('\n');
}

function latex(summary: Summary): string {
  const line = (texts: readonly string[]): string => `${texts.map(escapeLatex).join(' & ')} \\\\`;
  return [
    '% Needs \\usepackage{booktabs} and \\usepackage[T1]{fontenc}.',
    `\\begin{tabular}{l${'r'.repeat(summary.experiments.length + 1)}}`,
    '\\toprule',
    line(header(summary)),
    '\\midrule',
    ...cells(summary).map(line),
    '\\bottomrule',
    '\\end{tabular}',
    '',
  ].join('\n');
}

function csv({ experiments, rows, ranks }: Summary): string {
  const lines = rows.map(({ recipe, accuracy }) => [
    recipe,
    String(ranks?.rows.find(({ name }) => name === recipe)?.average ?? ''),
    ...accuracy.map((value) => (value === null ? '' : String(value))),
  ]);
  return [['recipe', 'average_rank', ...experiments.map(({ name }) => name)], ...lines]
    .map((fields) => `${fields.map(escapeCsv).join(',')}\r\n`)
    .join('');
}
