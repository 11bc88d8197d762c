import type { ComparisonResults, ResultRow } from '@equimodal/comparison';
import { meanAndSpread, verdict, type Verdict } from '../format/format.js';
import { fitText, textWidth } from './font.js';
import { COLORS, PLOT_WIDTH, SIZE, type Plot } from './theme.js';
import { selectionLine } from './words.js';

const WORDS: Readonly<Record<Verdict, string>> = {
  reference: 'reference',
  above: 'above the reference',
  below: 'below the reference',
  inside: 'inside the noise',
  untested: 'not tested',
};
const PAINT: Readonly<Record<Verdict, string>> = {
  reference: COLORS.ink,
  above: COLORS.above,
  below: COLORS.below,
  inside: COLORS.quiet,
  untested: COLORS.quiet,
};
const ROW = 30;

/**
 * Test accuracy of each recipe, the highest first: one dot a seed, a tick at the mean, a band for the 95 % interval,
 * the reference as a dashed line, and the paired test's verdict as colour.
 */
export function accuracyPlot(results: ComparisonResults): Plot | null {
  const rows = results.rows
    .filter((row) => Number.isFinite(row.metrics['accuracy']?.mean))
    .sort((a, b) => (b.metrics['accuracy']?.mean ?? 0) - (a.metrics['accuracy']?.mean ?? 0));
  if (rows.length === 0) return null;
  const order = rows.map(({ recipe }) => recipe);
  const left = Math.min(220, Math.max(...order.map((name) => textWidth(name, SIZE.label))) + 4);
  const right = Math.max(...rows.map(labelWidth)) + 16;
  const width = Math.floor(PLOT_WIDTH - 40 - left - right);
  const domain = frame(rows);
  const band = rows.some((row) => row.metrics['accuracy']?.ci95 !== null);
  const title = 'Test accuracy';
  return {
    name: 'accuracy',
    title,
    description: `${title}: ${rows.map(({ recipe, metrics: { accuracy } }) => `${recipe} ${accuracy === undefined ? '' : meanAndSpread(accuracy)}`).join(', ')}.`,
    spec: {
      title: {
        text: title,
        subtitle: [
          `One dot per seed; tick: mean${band ? '; band: 95 % interval of the mean, cut at the frame' : ''}.`,
          ...selectionLine(results),
        ],
      },
      width,
      height: ROW * rows.length,
      encoding: {
        y: {
          field: 'recipe',
          type: 'nominal',
          sort: order,
          scale: { paddingInner: 0, paddingOuter: 0, type: 'band' },
          axis: {
            title: null,
            grid: false,
            labelColor: COLORS.ink,
            labelLimit: 0,
            minExtent: left,
            maxExtent: left,
            labelExpr: labels(order, left),
          },
        },
        color: verdictScale(rows, results.reference),
      },
      layer: [...referenceLine(rows, results.reference, domain), ...marks(rows, results.reference, domain, width)],
    },
  };
}

function labelWidth({ metrics: { accuracy } }: ResultRow): number {
  return accuracy === undefined ? 0 : textWidth(meanAndSpread(accuracy), SIZE.label);
}

/** The x domain in percent: every dot, and intervals as far as they do not crush the dots. */
function frame(rows: readonly ResultRow[]): [number, number] {
  const dots = rows.flatMap((row) => (row.metrics['accuracy']?.values ?? []).filter(Number.isFinite).map((v) => 100 * v));
  const [low, high] = [Math.min(...dots), Math.max(...dots)];
  const room = 0.15 * Math.max(high - low, 4);
  const ends = rows.flatMap((row) => row.metrics['accuracy']?.ci95 ?? []).map((v) => 100 * v);
  const from = Math.max(low - room, Math.min(low, ...ends)) - 0.25 * room;
  const to = Math.min(high + room, Math.max(high, ...ends)) + 0.25 * room;
  return [Math.max(0, from), Math.min(100, to)];
}

function labels(order: readonly string[], limit: number): string {
  const cut = Object.fromEntries(order.map((name) => [name, fitText(name, SIZE.label, limit)]));
  return `(${JSON.stringify(cut)})[datum.value]`;
}

function verdictScale(rows: readonly ResultRow[], reference: string | null): Record<string, unknown> {
  const present = new Set(rows.map((row) => verdict(row.recipe, reference, row.versusReference)));
  const shown = (Object.keys(WORDS) as Verdict[]).filter((word) => present.has(word));
  return {
    field: 'verdict',
    type: 'nominal',
    scale: { domain: shown.map((word) => WORDS[word]), range: shown.map((word) => PAINT[word]) },
    legend: shown.length < 2 ? null : { symbolType: 'circle', symbolSize: 70, symbolStrokeWidth: 0 },
  };
}

function referenceLine(rows: readonly ResultRow[], reference: string | null, domain: readonly number[]): Record<string, unknown>[] {
  const base = rows.find((row) => row.recipe === reference)?.metrics['accuracy'];
  if (base === undefined) return [];
  return [
    {
      data: { values: [{ value: 100 * base.mean }] },
      mark: { type: 'rule', strokeDash: [3, 3], strokeWidth: 1 },
      encoding: {
        x: { field: 'value', type: 'quantitative', scale: { domain, nice: false, zero: false } },
        y: null,
        color: { value: COLORS.quiet },
      },
    },
  ];
}

function marks(
  rows: readonly ResultRow[],
  reference: string | null,
  domain: readonly [number, number],
  width: number,
): Record<string, unknown>[] {
  const common = (row: ResultRow): Record<string, string> => ({
    recipe: row.recipe,
    verdict: WORDS[verdict(row.recipe, reference, row.versusReference)],
  });
  const inside = (value: number): number => Math.min(domain[1], Math.max(domain[0], 100 * value));
  const means = rows.flatMap((row) => {
    const accuracy = row.metrics['accuracy'];
    if (accuracy === undefined) return [];
    const [low, high] = accuracy.ci95 ?? [accuracy.mean, accuracy.mean];
    return [
      {
        ...common(row),
        mean: 100 * accuracy.mean,
        low: inside(low),
        high: inside(high),
        text: meanAndSpread(accuracy),
      },
    ];
  });
  const seeds = rows.flatMap((row) =>
    (row.metrics['accuracy']?.values ?? []).filter(Number.isFinite).map((value) => ({ ...common(row), value: 100 * value })),
  );
  const x = {
    type: 'quantitative',
    scale: { domain, nice: false, zero: false },
    axis: { title: 'percent', tickCount: 7, grid: true },
  };
  return [
    {
      data: { values: means },
      mark: { type: 'bar', height: 10, opacity: 0.2, cornerRadius: 2 },
      encoding: { x: { field: 'low', ...x }, x2: { field: 'high' } },
    },
    {
      data: { values: seeds },
      mark: { type: 'point', filled: true, size: 42, opacity: 0.75 },
      encoding: { x: { field: 'value', ...x } },
    },
    {
      data: { values: means },
      mark: { type: 'tick', thickness: 2.5, height: 18, bandSize: 18 },
      encoding: { x: { field: 'mean', ...x } },
    },
    {
      data: { values: means },
      mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: SIZE.label },
      encoding: { x: { value: width + 14 }, text: { field: 'text' }, color: { value: COLORS.ink } },
    },
  ];
}
