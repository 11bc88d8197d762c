import type { ComparisonResults } from '@equimodal/comparison';
import { EquimodalError, messageOf } from '@equimodal/core';
import { formatHtml, type HtmlOptions } from '../html/html.js';
import { isCovered } from '../plots/font.js';
import { drawPlots, PLOT_NAMES, type DrawnPlot } from '../plots/plots.js';
import { renderPng } from '../plots/render.js';
import { formatCsvTable } from '../tables/csv.js';
import { formatLatexTable } from '../tables/latex.js';
import { formatMarkdownTable } from '../tables/markdown.js';
import { writeFolder, type WrittenReport } from './folder.js';

/**
 * Writes a comparison's report into a folder: report.html, table.md, table.tex, table.csv, one .svg and one .png a plot, and
 * results.json. Each file is written beside its place and renamed, so a reader never sees half a file. Plots of an
 * earlier report in the folder that this one does not have are removed. Where PNG cannot be made, a note says so.
 *
 * @throws EQM_REPORT_WRITE when the folder cannot be written.
 */
export async function writeReport(results: ComparisonResults, dir: string, options: HtmlOptions = {}): Promise<WrittenReport> {
  const plots = await drawPlots(results);
  const { pictures, notes } = await pngs(plots);
  const contents = new Map<string, string | Buffer>([
    ['report.html', formatHtml(results, plots, options)],
    ['table.md', formatMarkdownTable(results)],
    ['table.tex', formatLatexTable(results)],
    ['table.csv', formatCsvTable(results)],
    ...plots.map(({ name, svg }): [string, string] => [`${name}.svg`, `${svg}\n`]),
    ...pictures,
    ['results.json', `${JSON.stringify(results, null, 2)}\n`],
  ]);
  const ours = PLOT_NAMES.flatMap((name) => [`${name}.svg`, `${name}.png`]);
  return { files: await writeFolder(dir, contents, ours), notes };
}

const FOREIGN_LETTERS =
  'Some names have letters outside the bundled font; the PNG files show them in a system font, or as boxes where there is none.';

async function pngs(plots: readonly DrawnPlot[]): Promise<{ pictures: [string, Buffer][]; notes: string[] }> {
  const pictures: [string, Buffer][] = [];
  try {
    for (const { name, svg } of plots) pictures.push([`${name}.png`, await renderPng(svg)]);
    return { pictures, notes: plots.every(({ svg }) => isCovered(svg)) ? [] : [FOREIGN_LETTERS] };
  } catch (error) {
    const advice = error instanceof EquimodalError ? ` ${error.fix}` : '';
    return { pictures, notes: [`Not every plot was written as PNG: ${messageOf(error)}.${advice}`] };
  }
}
