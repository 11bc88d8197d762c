import { existsSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { collectFolder, experimentFolders, listRuns, type ComparisonResults } from '@equimodal/comparison';
import { EquimodalError, loadPlugin, type Host } from '@equimodal/core';
import { formatTerminalTable, writeReport, writeSummary } from '@equimodal/reports';
import type { Command } from 'commander';
import { builtInHost } from '../host.js';
import { VERSION } from '../version.js';
import { withOutputFlags } from '../options.js';
import { note, print, printJson } from '../output/print.js';

interface ReportFlags {
  readonly reference?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** `equimodal report DIR`: tables, plots and pages from run folders, without training anything. */
export function reportCommand(command: Command): void {
  withOutputFlags(command)
    .option('--reference <row>', 'the row that the others are tested against (default: that of the experiment)')
    .action(async (dir: string, flags: ReportFlags) => {
      const host = builtInHost();
      const folders = experimentFolders(dir);
      if (folders.length === 0) throw new EquimodalError('EQM_RUN_MISSING', 'there are no runs below the folder', { where: dir });
      const parts: { results: ComparisonResults; dir: string }[] = [];
      for (const folder of folders) parts.push({ results: await reportOf(host, folder.dir, flags, folders.length > 1), dir: folder.dir });
      const together = folders.length > 1 ? await summaryOf(parts, dir) : null;
      if (flags.json === true)
        printJson(
          folders.length > 1 ? { summary: together!.summary, experiments: parts.map(({ results }) => results) } : parts[0]!.results,
        );
      else show(parts, together === null ? null : join(dir, 'report', 'report.html'));
    });
}

async function reportOf(host: Host, dir: string, { reference }: ReportFlags, several: boolean): Promise<ComparisonResults> {
  await addPlugins(host, dir);
  const report = join(dir, 'report');
  const wallSeconds = wallSecondsOf(join(report, 'results.json'));
  const options = { host, dir, version: VERSION, wallSeconds };
  const results = collectFolder({ ...options, reference: several ? known(reference, dir) : reference });
  const { notes } = await writeReport(results, report, { command: commandsOf(results, dir, reference) });
  notes.forEach(note);
  return results;
}

/** Of several experiments, those without the row keep their own reference. */
function known(reference: string | undefined, dir: string): string | undefined {
  if (reference === undefined) return undefined;
  if (listRuns(dir).some(({ recipe, status }) => recipe === reference && status === 'completed')) return reference;
  note(`${dir} has no finished row "${reference}"; it keeps its own reference`);
  return undefined;
}

async function addPlugins(host: Host, dir: string): Promise<void> {
  for (const { manifest } of listRuns(dir)) {
    const about = manifest['experiment'] as unknown as { baseDir: string; plugins: string[] } | undefined;
    for (const plugin of about?.plugins ?? []) {
      const loaded = await loadPlugin(plugin, about!.baseDir);
      if (!host.plugins.some(({ name }) => name === loaded.name)) host.add(loaded, plugin);
    }
  }
}

/** The wall time that `compare` measured, if it wrote a report here. */
function wallSecondsOf(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const { wallSeconds } = JSON.parse(readFileSync(file, 'utf8')) as { wallSeconds?: unknown };
    return typeof wallSeconds === 'number' ? wallSeconds : undefined;
  } catch {
    return undefined;
  }
}

function commandsOf({ file }: ComparisonResults, dir: string, reference: string | undefined): string {
  const quoted = (text: string): string => (/^[\w./=,:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
  const report = ['npx equimodal report', quoted(dir), ...(reference === undefined ? [] : ['--reference', quoted(reference)])].join(' ');
  return file === null ? report : `npx equimodal compare ${quoted(file)}\n${report}`;
}

function summaryOf(parts: readonly { readonly results: ComparisonResults; readonly dir: string }[], dir: string) {
  const report = join(dir, 'report');
  const address = (folder: string): string =>
    relative(report, join(folder, 'report', 'report.html'))
      .split(sep)
      .map(encodeURIComponent)
      .join('/');
  return writeSummary(
    parts.map((part) => ({ results: part.results, report: address(part.dir) })),
    report,
    VERSION,
  );
}

function show(parts: readonly { readonly results: ComparisonResults; readonly dir: string }[], summary: string | null): void {
  const colors = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  for (const { results, dir } of parts) {
    print(`\n${formatTerminalTable(results, { colors, width: process.stdout.columns ?? 120 })}`);
    print(`\nreport: ${join(dir, 'report', 'report.html')}`);
  }
  if (summary !== null) print(`\nall together: ${summary}`);
}
