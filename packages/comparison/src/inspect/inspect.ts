import {
  EquimodalError,
  messageOf,
  type ErrorCode,
  type LoadedDataset,
  type ModalitySpec,
  type Problem,
  type Split,
} from '@equimodal/core';
import { summarizeDataset, type DatasetSummary } from '@equimodal/training';
import { ModalityFigures, type ModalityStatistics } from './statistics.js';

/** Something wrong with the data, and its code. */
export interface DataProblem extends Problem {
  readonly code: ErrorCode;
}

/** What was found in a dataset. Plain JSON. */
export interface DataReport extends DatasetSummary {
  readonly classes: readonly string[];
  readonly modalities: readonly ModalitySpec[];
  readonly fingerprint: string;
  /** What the dataset itself says: rows dropped and why, known faults. */
  readonly notes: readonly string[];
  /** What a reader should know and training survives: rows in two splits, classes without test rows. */
  readonly warnings: readonly string[];
  /** The first of what is wrong. */
  readonly problems: readonly DataProblem[];
  readonly problemCount: number;
  /** By split and modality, of the rows that were read. */
  readonly statistics: Readonly<Record<string, Readonly<Record<string, ModalityStatistics>>>>;
}

export interface InspectOptions {
  /** Rows of each split that are read. Default: all. */
  readonly limit?: number;
  /** Rows read at once. */
  readonly batchSize?: number;
}

const SHOWN = 10;

/**
 * Looks at a dataset as training would, and at every row of it: counts, classes that are missing, rows and groups in two splits, rows that
 * cannot be read, values that are not finite. What is wrong is in the report and not thrown.
 *
 * @throws EQM_DATA_DECODER where no row could be read for want of a decoder.
 */
export async function inspectDataset(
  dataset: LoadedDataset,
  { limit = Infinity, batchSize = 32 }: InspectOptions = {},
): Promise<DataReport> {
  const { classes, modalities, fingerprint, notes = [] } = dataset;
  const problems = new ProblemList();
  const warnings: string[] = [];
  const summary = summarizeDataset(dataset);
  checkClasses(summary, problems, warnings);
  warnings.push(...overlaps(dataset, 'ids', 'rows'), ...overlaps(dataset, 'groups', 'groups'));
  const statistics: Record<string, Record<string, ModalityStatistics>> = {};
  for (const [name, split] of splitsOf(dataset)) {
    checkLabels(name, split, classes.length, problems);
    statistics[name] = await readSplit(name, split, modalities, { rows: Math.min(limit, split.size), batchSize, problems });
  }
  const { list, count } = problems;
  return { classes, modalities, fingerprint, ...summary, notes, warnings, problems: list, problemCount: count, statistics };
}

/** What is wrong with the data, as one error; undefined when nothing is. */
export function errorOfReport({ problems, problemCount }: DataReport): EquimodalError | undefined {
  const [first] = problems;
  if (first === undefined) return undefined;
  const count = problemCount === 1 ? 'a problem' : `${problemCount} problems`;
  const more = problemCount > problems.length ? `; the first ${problems.length} are` : '';
  return new EquimodalError(first.code, `the data have ${count}${more}`, { problems });
}

class ProblemList {
  readonly list: DataProblem[] = [];
  count = 0;

  add(code: ErrorCode, where: string, message: string, fix?: string): void {
    this.count++;
    if (this.list.length < SHOWN) this.list.push({ code, where, message, ...(fix === undefined ? {} : { fix }) });
  }
}

function splitsOf({ splits }: LoadedDataset): [string, Split][] {
  return (Object.entries(splits) as [string, Split | undefined][]).flatMap(([name, split]) => (split === undefined ? [] : [[name, split]]));
}

function checkClasses({ splits }: DatasetSummary, problems: ProblemList, warnings: string[]): void {
  for (const [name, { rows, counts }] of Object.entries(splits)) {
    if (rows === 0) {
      problems.add('EQM_DATA_SPLIT', name, 'the split has no rows');
      continue;
    }
    const empty = Object.entries(counts).flatMap(([label, count]) => (count === 0 ? [label] : []));
    if (empty.length === 0) continue;
    const which = `${empty.slice(0, 5).join(', ')}${empty.length > 5 ? ` and ${empty.length - 5} more` : ''}`;
    if (name === 'train') problems.add('EQM_DATA_SPLIT', name, `no training rows of class ${which}`);
    else warnings.push(`no ${name} rows of class ${which}`);
  }
}

function checkLabels(name: string, { labels, size }: Split, classes: number, problems: ProblemList): void {
  if (labels.length !== size) problems.add('EQM_DATA_MALFORMED', name, `${labels.length} labels for ${size} rows`);
  const wrong = labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) problems.add('EQM_DATA_MALFORMED', `${name}, row ${wrong}`, `label ${labels[wrong]}, there are ${classes} classes`);
}

/** Names that occur in two splits. */
function overlaps(dataset: LoadedDataset, of: 'ids' | 'groups', what: string): string[] {
  const named = splitsOf(dataset).flatMap(([name, split]) => (split[of] === undefined ? [] : [{ name, values: new Set(split[of]) }]));
  return named.flatMap(({ name, values }, i) =>
    named.slice(0, i).flatMap((before) => {
      const both = [...values].filter((value) => before.values.has(value));
      return both.length === 0 ? [] : [`${both.length} ${what} are in ${before.name} and in ${name}, e.g. ${both[0]!}`];
    }),
  );
}

interface Reading {
  readonly rows: number;
  readonly batchSize: number;
  readonly problems: ProblemList;
}

async function readSplit(
  name: string,
  split: Split,
  modalities: readonly ModalitySpec[],
  { rows, batchSize, problems }: Reading,
): Promise<Record<string, ModalityStatistics>> {
  const figures = new Map(modalities.map((spec) => [spec.name, new ModalityFigures(spec)]));
  const called = (row: number): string => `${name}, row ${row}${split.ids === undefined ? '' : ` (${split.ids[row]!})`}`;
  for (let at = 0; at < rows; at += batchSize) {
    const batch = Int32Array.from({ length: Math.min(batchSize, rows - at) }, (_, i) => at + i);
    for (const spec of modalities) {
      const take = async (some: Int32Array): Promise<void> => {
        const values = (await split.read(some, undefined, [spec.name]))[spec.name];
        figures.get(spec.name)!.add(values, some, (row, message) => problems.add('EQM_DATA_MALFORMED', called(row), message));
      };
      try {
        await take(batch);
      } catch {
        for (const row of batch) await take(Int32Array.of(row)).catch((error: unknown) => tell(error, called(row), problems));
      }
    }
  }
  return Object.fromEntries([...figures].map(([modality, own]) => [modality, own.result()]));
}

function tell(error: unknown, where: string, problems: ProblemList): void {
  if (!(error instanceof EquimodalError)) throw error;
  if (error.code === 'EQM_DATA_DECODER' || !error.isUserError) throw error;
  const files = error.problems.map(({ message }) => message).join(', ');
  problems.add(
    error.code,
    error.where ?? where,
    `${messageOf(error)}${files === '' ? '' : `: ${files}`}${error.where === undefined ? '' : ` (${where})`}`,
  );
}
