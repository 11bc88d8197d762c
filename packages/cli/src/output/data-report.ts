import type { DataReport, ModalityStatistics } from '@equimodal/comparison';
import { columns } from './print.js';

/** More classes than these are left out of a table for people; `--json` has them all. */
const MOST_CLASSES = 30;

/** What was found in a dataset, for people. */
export function formatCheck(id: string, report: DataReport): string {
  const { modalities, notes, warnings, fingerprint, splitHash, problemCount } = report;
  const parts = [
    `dataset ${id}`,
    columns(modalities.map(({ name, kind, shape }) => [`  ${name}`, kind, `[${shape.join(', ')}]`])),
    countsTable(report),
    columns([
      ['split hash', splitHash],
      ['fingerprint', fingerprint],
    ]),
    readWords(report),
  ];
  if (notes.length > 0) parts.push(['notes', ...notes.map((line) => `  ${line}`)].join('\n'));
  if (warnings.length > 0) parts.push(['warnings', ...warnings.map((line) => `  ${line}`)].join('\n'));
  parts.push(problemCount === 0 ? 'nothing is wrong' : `${problemCount} ${problemCount === 1 ? 'problem' : 'problems'}`);
  return parts.join('\n\n');
}

/** Rows of each class and figures of each modality, for people. */
export function formatStatistics(id: string, report: DataReport): string {
  const header = ['split', 'modality', 'rows', 'zeros', 'min', 'max', 'mean', 'deviation', 'tokens'];
  const rows = Object.entries(report.statistics).flatMap(([split, own]) =>
    Object.entries(own).map(([modality, figures]) => [split, modality, ...figureCells(figures)]),
  );
  return [`dataset ${id}`, countsTable(report), columns([header, ...rows])].join('\n\n');
}

function countsTable({ splits, classes }: DataReport): string {
  const names = Object.keys(splits);
  const row = (label: string, cell: (split: string) => number | string): string[] => [label, ...names.map((name) => String(cell(name)))];
  const shown = classes.slice(0, MOST_CLASSES);
  const table = [
    row('class', (name) => name),
    ...shown.map((label) => row(label, (name) => splits[name]!.counts[label]!)),
    row('all', (name) => splits[name]!.rows),
  ];
  if (names.some((name) => splits[name]!.groups !== null)) table.push(row('groups', (name) => splits[name]!.groups ?? '-'));
  const more = classes.length > shown.length ? `\n(${classes.length - shown.length} more classes; --json has all)` : '';
  return `${columns(table)}${more}`;
}

function readWords({ splits, statistics }: DataReport): string {
  const read = Object.entries(statistics).map(([name, own]) => {
    const rows = Math.min(...Object.values(own).map((figures) => figures.rows));
    return `${rows} of ${splits[name]!.rows} ${name}`;
  });
  return `rows read: ${read.join(', ')}`;
}

function figureCells({ rows, zeroRows, minimum, maximum, mean, deviation, length }: ModalityStatistics): string[] {
  const figure = (value: number | null): string => (value === null ? '-' : String(Number(value.toPrecision(4))));
  const tokens = length === null ? '-' : `${length.mean.toFixed(1)} of a row, ${length.longest} at most, ${length.full} rows full`;
  return [String(rows), String(zeroRows), figure(minimum), figure(maximum), figure(mean), figure(deviation), tokens];
}
