import type { ComparisonResults, Figure, PairedTest, ResultRow } from '@equimodal/comparison';
import { count, decisive, grouped, NOTHING, percent, points, pValue, seconds, spread, stars, verdict } from '../format/format.js';
import { notes } from '../reading/notes.js';
import { selectionRule } from '../reading/selection.js';

/** What a column is about: renderers group by it, and a narrow terminal drops whole groups. */
export type ColumnGroup = 'recipe' | 'metric' | 'modality' | 'published' | 'reference' | 'cost';

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
  /** Stars of significance, on the cell of the difference. */
  readonly mark?: string;
  /** Set on the p cell of a row whose difference is inside the noise. */
  readonly inside?: true;
}

/** The comparison table, free of any format: what to show, not how. */
export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  /** One list of cells a recipe, in the order of `columns`. */
  readonly rows: readonly (readonly Cell[])[];
  /** The numbers behind the cells, full precision, for sorting; null where there is none. */
  readonly values: readonly (readonly (number | null)[])[];
  readonly notes: readonly string[];
  /** What the stars mean, for formats that show them; null where there are none. */
  readonly marks: string | null;
}

interface Source extends Column {
  /** Set for columns whose figures are ranked, the highest first. */
  readonly figure?: (row: ResultRow) => Figure | undefined;
  readonly cell?: (row: ResultRow) => Cell;
  /** The number behind `cell`. */
  readonly value?: (row: ResultRow) => number | null | undefined;
}

/** The words of a p cell inside the noise; part of the product's promise, so it stands here once. */
export const INSIDE = 'inside the noise';

/**
 * Builds the table of a comparison: recipe, accuracy, macro F1, MAP (percent), accuracy of each modality, difference to
 * the reference with its p values, what papers print, parameters, FLOPs, seconds, backward passes a step, passes over the data an epoch, peak memory. A metric no row has gets no column.
 */
export function comparisonTable(results: ComparisonResults): Table {
  const sources = [
    ...recipeColumn(results),
    ...metricColumns(results),
    ...publishedColumns(results),
    ...referenceColumns(results),
    ...COSTS.filter(({ shown }) => shown?.(results.rows) ?? true).map((source) => ({ ...source, group: 'cost' as const })),
  ];
  const { legacy } = selectionRule(results.selection);
  const cells = sources.map((source) => columnCells(source, results.rows));
  return {
    title: `${results.experiment}: test figures${legacy ? ', epoch selected on test (legacy-test)' : ''}`,
    columns: sources.map(({ key, header, group }) => ({ key, header, group })),
    rows: results.rows.map((_, i) => cells.map((column) => column[i] ?? { text: NOTHING })),
    values: results.rows.map((row) => sources.map(({ figure, value }) => figure?.(row)?.mean ?? value?.(row) ?? null)),
    notes: [...legend(results), ...notes(results)],
    marks: results.rows.some(({ versusReference: test }) => test !== null && stars(test) !== '')
      ? '* p up to .05, ** below .01, *** below .001.'
      : null,
  };
}

function recipeColumn({ reference }: ComparisonResults): Source[] {
  const cell = ({ recipe }: ResultRow): Cell => ({
    text: recipe === reference ? `${recipe} (reference)` : recipe,
  });
  return [{ key: 'recipe', header: 'recipe', group: 'recipe', cell }];
}

/** The metrics that have a column, and how they are called. */
const NAMES: Readonly<Record<string, string>> = { accuracy: 'accuracy', macroF1: 'macro F1', map: 'MAP' };

function metricColumns({ rows, dataset }: ComparisonResults): Source[] {
  const present = new Set(rows.flatMap((row) => Object.keys(row.metrics)));
  const named = Object.entries(NAMES).filter(([key]) => present.has(key));
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
    ...named.map(([key, header]) => source(key, header, 'metric')),
    ...[...new Set(modalities)]
      .filter((modality) => present.has(`accuracy/${modality}`))
      .map((modality) => source(`accuracy/${modality}`, modality, 'modality')),
  ];
}

/** What papers print for these rows, one column a figure, the metrics that we show and no others. */
function publishedColumns({ published, rows }: ComparisonResults): Source[] {
  const ours = new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)));
  return published.flatMap(({ id, label, rows: printed }) => {
    const keys = [...new Set(printed.flatMap(({ figures }) => Object.keys(figures)))].filter((key) => ours.has(key));
    return keys.map((key): Source => {
      const of = ({ recipe }: ResultRow) => printed.find((row) => row.recipe === recipe)?.figures[key];
      return {
        key: `published/${id}/${key}`,
        header: `${label} ${NAMES[key] ?? key.split('/').at(-1)}`,
        group: 'published',
        cell: (row) => {
          const figure = of(row);
          if (figure === undefined) return { text: NOTHING };
          return { text: percent(figure.mean), ...(figure.std === null ? {} : { spread: percent(figure.std) }) };
        },
        value: (row) => of(row)?.mean,
      };
    });
  });
}

function referenceColumns({ rows, reference }: ComparisonResults): Source[] {
  const metric = rows.find((row) => row.versusReference !== null)?.versusReference?.metric;
  if (metric === undefined || reference === null) return [];
  const difference = ({ versusReference: test }: ResultRow): Cell => {
    if (test === null) return { text: NOTHING };
    const mark = stars(test);
    return { text: points(test.difference), ...(mark === '' ? {} : { mark }) };
  };
  const p = ({ recipe, versusReference: test }: ResultRow): Cell => {
    if (test === null || verdict(recipe, reference, test) === 'untested') return { text: NOTHING };
    const value = decisive(test);
    const text = value === null ? 'undefined' : pValue(value);
    return verdict(recipe, reference, test) === 'inside' ? { text, inside: true } : { text };
  };
  const other = (key: string, header: string, read: (test: PairedTest) => number | null | undefined): Source[] => {
    const of = ({ versusReference: test }: ResultRow): number | null => (test === null ? null : (read(test) ?? null));
    if (rows.every((row) => of(row) === null)) return [];
    const cell = (row: ResultRow): Cell => {
      const value = of(row);
      return { text: value === null ? NOTHING : pValue(value) };
    };
    return [{ key, header, group: 'reference', cell, value: of }];
  };
  return [
    { key: 'difference', header: `Δ ${metric}`, group: 'reference', cell: difference, value: (row) => row.versusReference?.difference },
    { key: 'p', header: 'p', group: 'reference', cell: p, value: ({ versusReference: test }) => (test === null ? null : decisive(test)) },
    ...other('wilcoxon', 'p ranks', ({ wilcoxon }) => wilcoxon),
    ...other('bootstrap', 'p samples', ({ bootstrap }) => bootstrap?.pValue),
  ];
}

const COSTS: readonly (Omit<Source, 'group'> & { readonly shown?: (rows: readonly ResultRow[]) => boolean })[] = [
  { key: 'parameters', header: 'params', cell: (row) => ({ text: count(row.parameters) }), value: (row) => row.parameters },
  {
    key: 'flops',
    header: 'FLOPs',
    cell: (row) => ({ text: row.flops === null ? '–' : count(row.flops) }),
    value: (row) => row.flops,
    shown: (rows) => rows.some((row) => row.flops !== null),
  },
  { key: 'seconds', header: 'seconds', cell: (row) => ({ text: seconds(row.seconds) }), value: (row) => row.seconds },
  {
    key: 'backward',
    header: 'backward',
    cell: (row) => ({ text: String(Number(row.backwardPassesPerStep.toFixed(2))) }),
    value: (row) => row.backwardPassesPerStep,
  },
  {
    key: 'passes',
    header: 'data passes',
    cell: (row) => ({ text: String(Number(row.dataPassesPerEpoch.toFixed(2))) }),
    value: (row) => row.dataPassesPerEpoch,
    // Nearly always 1 everywhere; then it says nothing.
    shown: (rows) => rows.some((row) => row.dataPassesPerEpoch !== 1),
  },
  { key: 'peak', header: 'peak MB', cell: (row) => ({ text: grouped(row.peakMemoryMb) }), value: (row) => row.peakMemoryMb },
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
  const tested = rows.flatMap(({ versusReference: test }) => (test === null ? [] : [test]));
  const corrected = tested.filter(({ holm }) => holm !== null).length;
  const tests =
    tested.length === 0
      ? []
      : [
          `Δ: points above or below ${reference}, paired by seed; p: two-sided paired t test over seeds` +
            `${corrected > 1 ? `, after Holm's correction for ${corrected} rows` : ''}; above .05 or undefined reads "${INSIDE}".`,
          ...(tested.some(({ wilcoxon }) => wilcoxon !== null)
            ? ["p ranks: Wilcoxon's signed-rank test over seeds, without correction."]
            : []),
          ...(tested.some(({ bootstrap }) => bootstrap !== null)
            ? ['p samples: paired bootstrap over test samples, the models as they are, without correction.']
            : []),
        ];
  return [`${figures} Seconds are the sum over seeds, backward passes are per step, data passes per epoch.`, ...tests];
}
