import type { ComparisonResults, Figure, ResultRow } from '@equimodal/comparison';
import { count, grouped, NOTHING, percent, points, pValue, seconds, spread, verdict } from '../format/format.js';
import { notes } from '../reading/notes.js';
import { selectionRule } from '../reading/selection.js';

/** What a column is about: renderers group by it, and a narrow terminal drops whole groups. */
export type ColumnGroup = 'recipe' | 'metric' | 'modality' | 'reference' | 'cost';

export interface Column {
  readonly key: string;
  readonly header: string;
  readonly group: ColumnGroup;
}

/** One cell. `spread` is the standard deviation beside a mean; `rank` is the place within the column. */
export interface Cell {
  readonly text: string;
  readonly spread?: string;
  readonly rank?: 'best' | 'second';
  /** Set on the p cell of a row whose difference is inside the noise. */
  readonly inside?: true;
}

/** The comparison table, free of any format: what to show, not how. */
export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  /** One list of cells a recipe, in the order of `columns`. */
  readonly rows: readonly (readonly Cell[])[];
  readonly notes: readonly string[];
}

interface Source extends Column {
  /** Set for columns whose figures are ranked, the highest first. */
  readonly figure?: (row: ResultRow) => Figure | undefined;
  readonly cell?: (row: ResultRow) => Cell;
}

/** The words of a p cell inside the noise; part of the product's promise, so it stands here once. */
export const INSIDE = 'inside the noise';

/**
 * Builds the table of a comparison: recipe, accuracy, macro F1, MAP (percent), accuracy of each modality, difference to
 * the reference with its p value, parameters, seconds, backward passes a step, peak memory. A metric no row has gets no column.
 */
export function comparisonTable(results: ComparisonResults): Table {
  const sources = [
    ...recipeColumn(results),
    ...metricColumns(results),
    ...referenceColumns(results),
    ...COSTS.map((source) => ({ ...source, group: 'cost' as const })),
  ];
  const { legacy } = selectionRule(results.selection);
  const cells = sources.map((source) => columnCells(source, results.rows));
  return {
    title: `${results.experiment}: test figures${legacy ? ', epoch selected on test (legacy-test)' : ''}`,
    columns: sources.map(({ key, header, group }) => ({ key, header, group })),
    rows: results.rows.map((_, i) => cells.map((column) => column[i] ?? { text: NOTHING })),
    notes: [...legend(results), ...notes(results)],
  };
}

function recipeColumn({ reference }: ComparisonResults): Source[] {
  const cell = ({ recipe }: ResultRow): Cell => ({
    text: recipe === reference ? `${recipe} (reference)` : recipe,
  });
  return [{ key: 'recipe', header: 'recipe', group: 'recipe', cell }];
}

function metricColumns({ rows, dataset }: ComparisonResults): Source[] {
  const present = new Set(rows.flatMap((row) => Object.keys(row.metrics)));
  const named = [
    ['accuracy', 'accuracy'],
    ['macroF1', 'macro F1'],
    ['map', 'MAP'],
  ].filter(([key]) => present.has(key ?? ''));
  const modalities = [
    ...dataset.modalities,
    ...[...present].flatMap((key) => (key.startsWith('accuracy/') ? [key.slice('accuracy/'.length)] : [])),
  ];
  const source = (key: string, header: string, group: ColumnGroup): Source => ({
    key,
    header,
    group,
    figure: (row) => row.metrics[key],
  });
  return [
    ...named.map(([key = '', header = '']) => source(key, header, 'metric')),
    ...[...new Set(modalities)]
      .filter((modality) => present.has(`accuracy/${modality}`))
      .map((modality) => source(`accuracy/${modality}`, modality, 'modality')),
  ];
}

function referenceColumns({ rows, reference }: ComparisonResults): Source[] {
  const metric = rows.find((row) => row.versusReference !== null)?.versusReference?.metric;
  if (metric === undefined || reference === null) return [];
  const difference = ({ versusReference: test }: ResultRow): Cell => ({
    text: test === null ? NOTHING : points(test.difference),
  });
  const p = ({ recipe, versusReference: test }: ResultRow): Cell => {
    if (test === null || verdict(recipe, reference, test) === 'untested') return { text: NOTHING };
    const text = test.pValue === null || Number.isNaN(test.pValue) ? 'undefined' : pValue(test.pValue);
    return verdict(recipe, reference, test) === 'inside' ? { text, inside: true } : { text };
  };
  return [
    { key: 'difference', header: `Δ ${metric}`, group: 'reference', cell: difference },
    { key: 'p', header: 'p', group: 'reference', cell: p },
  ];
}

const COSTS: readonly Omit<Source, 'group'>[] = [
  { key: 'parameters', header: 'params', cell: (row) => ({ text: count(row.parameters) }) },
  { key: 'seconds', header: 'seconds', cell: (row) => ({ text: seconds(row.seconds) }) },
  {
    key: 'backward',
    header: 'backward',
    cell: (row) => ({ text: String(Number(row.backwardPassesPerStep.toFixed(2))) }),
  },
  { key: 'peak', header: 'peak MB', cell: (row) => ({ text: grouped(row.peakMemoryMb) }) },
];

function columnCells(source: Source, rows: readonly ResultRow[]): Cell[] {
  const { figure, cell } = source;
  if (figure === undefined) return rows.map((row) => cell?.(row) ?? { text: NOTHING });
  const figures = rows.map(figure);
  const places = ranks(figures);
  return figures.map((value, i): Cell => {
    if (value === undefined) return { text: NOTHING };
    const std = spread(value);
    const place = places[i];
    return {
      text: percent(value.mean),
      ...(std === null ? {} : { spread: std }),
      ...(place === undefined ? {} : { rank: place }),
    };
  });
}

/** Best and second by the mean as shown, so that rows that read alike are marked alike; one row alone is not ranked. */
function ranks(figures: readonly (Figure | undefined)[]): ('best' | 'second' | undefined)[] {
  const shown = figures.map((value) => (value === undefined || !Number.isFinite(value.mean) ? undefined : Number(percent(value.mean))));
  const places = [...new Set(shown.filter((value) => value !== undefined))].sort((a, b) => b - a);
  if (places.length < 2) return shown.map(() => undefined);
  return shown.map((value) =>
    value === undefined ? undefined : value === places[0] ? 'best' : value === places[1] ? 'second' : undefined,
  );
}

function legend({ rows, reference }: ComparisonResults): string[] {
  const seeds = [...new Set(rows.map((row) => row.seeds.length))];
  const many = seeds.some((n) => n > 1);
  const over = seeds.length === 1 ? `over ${seeds[0]} seeds` : 'over the seeds of the row';
  const figures = many ? `Percent, mean ± sample standard deviation ${over}.` : 'Percent; one seed, so no spread.';
  const tested = rows.some((row) => row.versusReference !== null)
    ? [`Δ: points above or below ${reference}, paired by seed; p: two-sided paired t test; above .05 or undefined reads "${INSIDE}".`]
    : [];
  return [`${figures} Seconds are the sum over seeds, backward passes are per step.`, ...tested];
}
