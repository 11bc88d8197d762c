import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ComparisonResults } from '@equimodal/comparison';
import { EquimodalError, messageOf } from '@equimodal/core';
import { formatHtml, type HtmlOptions } from '../html/html.js';
import { isCovered } from '../plots/font.js';
import { drawPlots, PLOT_NAMES, type DrawnPlot } from '../plots/plots.js';
import { renderPng } from '../plots/render.js';
import { formatCsvTable } from '../tables/csv.js';
import { formatLatexTable } from '../tables/latex.js';
import { formatMarkdownTable } from '../tables/markdown.js';

export interface WrittenReport {
  /** Absolute paths of the files written, `report.html` first. */
  readonly files: readonly string[];
  /** What could not be written and why, in plain sentences; empty when all went well. */
  readonly notes: readonly string[];
}

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
  const folder = resolve(dir);
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, content] of contents) await writeAtomically(join(folder, name), content);
    await removeStalePlots(folder, contents);
  } catch (error) {
    throw new EquimodalError('EQM_REPORT_WRITE', `the report could not be written: ${messageOf(error)}`, {
      where: folder,
      fix: 'Give a folder that can be written.',
      cause: error,
    });
  }
  return { files: [...contents.keys()].map((name) => join(folder, name)), notes };
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

/** Writes a file beside its place and renames it into place; leaves nothing behind when either fails. */
async function writeAtomically(path: string, content: string | Buffer): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, content, { flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function removeStalePlots(folder: string, contents: ReadonlyMap<string, unknown>): Promise<void> {
  const ours = PLOT_NAMES.flatMap((name) => [`${name}.svg`, `${name}.png`]);
  const stale = (await readdir(folder)).filter((name) => ours.includes(name) && !contents.has(name));
  for (const name of stale) await rm(join(folder, name), { force: true });
}
