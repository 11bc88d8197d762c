import { writeFileSync } from 'node:fs';
import { errorOfReport, inspectDataset, loadDataset, type DataReport } from '@equimodal/comparison';
import { ConfigSource, EquimodalError, messageOf, resolveDataset, type ChosenDataset, type LoadedDataset } from '@equimodal/core';
import { contactSheet, renderPng } from '@equimodal/reports';
import type { Command } from 'commander';
import { builtInHost } from '../host.js';
import { count, dataRootOf, withOutputFlags, withSetFlag } from '../options.js';
import { formatCheck, formatStatistics } from '../output/data-report.js';
import { note, print, printJson } from '../output/print.js';

interface DataFlags {
  readonly dataset?: string;
  readonly set: readonly string[];
  readonly dataRoot?: string;
  readonly limit?: number;
  readonly contactSheet?: string;
  readonly json?: boolean;
}

/** `equimodal data check` and `equimodal data stats`: what is in a dataset, before anything is trained on it. */
export function dataCommand(command: Command): void {
  const flagged = (one: Command): Command =>
    withSetFlag(withOutputFlags(one), 'change a setting of the file, or an option of --dataset (repeatable)')
      .option('--dataset <id>', 'a dataset with its default options, instead of a file')
      .option('--data-root <dir>', 'folder of the datasets (default: EQUIMODAL_DATA)')
      .option('--limit <n>', 'rows of each split that are read (default: all)', count);
  flagged(
    command
      .command('check [file]')
      .description('what was found, what is missing, and every row that cannot be read; exit status 2 if there is any'),
  )
    .option('--contact-sheet <png>', 'draw one sample of each class')
    .action(check);
  flagged(command.command('stats [file]').description('rows of each class and figures of each modality')).action(statistics);
}

async function check(file: string | undefined, flags: DataFlags): Promise<void> {
  const { chosen, dataset, report } = await look(file, flags);
  const error = errorOfReport(report);
  if (flags.json === true) printJson({ ok: error === undefined, dataset: chosen.dataset, ...report });
  else print(formatCheck(chosen.dataset.use, report));
  if (flags.contactSheet !== undefined) await draw(dataset, chosen.dataset.use, flags.contactSheet);
  if (error !== undefined) throw error;
}

async function statistics(file: string | undefined, flags: DataFlags): Promise<void> {
  const { chosen, report } = await look(file, flags);
  if (flags.json === true) printJson({ dataset: chosen.dataset, ...report });
  else print(formatStatistics(chosen.dataset.use, report));
  const error = errorOfReport(report);
  if (error !== undefined) throw error;
}

/** Loads the dataset and reads its rows. With `--json` what kept it from being loaded is printed as JSON too. */
async function look(
  file: string | undefined,
  flags: DataFlags,
): Promise<{ readonly chosen: ChosenDataset; readonly dataset: LoadedDataset; readonly report: DataReport }> {
  const host = builtInHost();
  const source = sourceOf(file, flags);
  try {
    const chosen = await resolveDataset(host, source);
    const dataset = await loadDataset(host, chosen, dataRootOf(flags));
    return { chosen, dataset, report: await inspectDataset(dataset, flags.limit === undefined ? {} : { limit: flags.limit }) };
  } catch (error) {
    if (flags.json === true && error instanceof EquimodalError && error.isUserError) {
      const { code, message, where = null, problems, fix } = error;
      printJson({ ok: false, error: { code, message, where, problems, fix } });
    }
    throw error;
  }
}

function sourceOf(file: string | undefined, { dataset, set }: DataFlags): ConfigSource {
  if ((file === undefined) === (dataset === undefined)) {
    throw new EquimodalError('EQM_CLI_USAGE', 'give an experiment file, or a dataset with --dataset', { where: 'command line' });
  }
  if (file !== undefined) return ConfigSource.read(file, set);
  return ConfigSource.of({ dataset: { use: dataset } }, { name: 'command line', overrides: set.map((one) => `dataset.${one}`) });
}

async function draw(dataset: LoadedDataset, id: string, file: string): Promise<void> {
  const png = await renderPng(await contactSheet(dataset, id));
  try {
    writeFileSync(file, png);
  } catch (cause) {
    throw new EquimodalError('EQM_REPORT_WRITE', `the contact sheet could not be written: ${messageOf(cause)}`, { where: file, cause });
  }
  note(`contact sheet: ${file}`);
}
