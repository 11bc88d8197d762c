import type { ComparisonResults, Figure, ResultRow } from '@equimodal/comparison';
import { verdict } from '../format/format.js';

/** One CSV field by RFC 4180: quoted where it holds a comma, a quote or a line break. */
export function escapeCsv(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The comparison as CSV for other programs: full precision, fractions not percent, every metric of every split, mean,
 * std and the 95 % interval, empty where there is none. Lines end in CRLF (RFC 4180).
 */
export function formatCsvTable(results: ComparisonResults): string {
  const keys = (of: (row: ResultRow) => Readonly<Record<string, Figure>>): string[] => [
    ...new Set(results.rows.flatMap((row) => Object.keys(of(row)))),
  ];
  const test = keys((row) => row.metrics);
  const validation = keys((row) => row.validation);
  const printed = results.published.flatMap(({ id, rows: of }) =>
    [...new Set(of.flatMap(({ figures }) => Object.keys(figures)))].map((key) => ({ id, key, of })),
  );
  const header = [
    'experiment',
    'selection',
    'recipe',
    'seeds',
    ...test.flatMap((key) => figureHeader(`test/${key}`)),
    ...validation.flatMap((key) => figureHeader(`validation/${key}`)),
    'reference',
    'reference_metric',
    'difference',
    'p_value',
    'p_holm',
    'p_signed_rank',
    'p_bootstrap',
    'bootstrap_ci95_low',
    'bootstrap_ci95_high',
    'verdict',
    ...printed.flatMap(({ id, key }) => [`published/${id}/${key}_mean`, `published/${id}/${key}_std`]),
    'parameters',
    'flops_per_sample',
    'seconds',
    'epochs',
    'backward_passes_per_step',
    'data_passes_per_epoch',
    'peak_memory_mb',
  ];
  const line = (row: ResultRow): string[] => [
    results.experiment,
    results.selection,
    row.recipe,
    row.seeds.join(' '),
    ...test.flatMap((key) => figureFields(row.metrics[key])),
    ...validation.flatMap((key) => figureFields(row.validation[key])),
    row.versusReference?.reference ?? '',
    row.versusReference?.metric ?? '',
    ...testFields(row.versusReference),
    verdict(row.recipe, results.reference, row.versusReference),
    ...printed.flatMap(({ of, key }) => {
      const figure = of.find(({ recipe }) => recipe === row.recipe)?.figures[key];
      return [figure?.mean, figure?.std].map(number);
    }),
    ...[row.parameters, row.flops, row.seconds, row.epochs, row.backwardPassesPerStep, row.dataPassesPerEpoch, row.peakMemoryMb].map(
      number,
    ),
  ];
  return [header, ...results.rows.map(line)].map((fields) => `${fields.map(escapeCsv).join(',')}\r\n`).join('');
}

const figureHeader = (key: string): string[] => ['mean', 'std', 'ci95_low', 'ci95_high'].map((part) => `${key}_${part}`);

function figureFields(figure: Figure | undefined): string[] {
  if (figure === undefined) return ['', '', '', ''];
  const std = figure.values.length < 2 ? undefined : figure.std;
  return [figure.mean, std, figure.ci95?.[0], figure.ci95?.[1]].map(number);
}

function testFields(test: ResultRow['versusReference']): string[] {
  const { difference, pValue, holm, wilcoxon, bootstrap } = test ?? {};
  return [difference, pValue, holm, wilcoxon, bootstrap?.pValue, bootstrap?.ci95[0], bootstrap?.ci95[1]].map(number);
}

const number = (value: number | null | undefined): string =>
  value === null || value === undefined || Number.isNaN(value) ? '' : String(value);
