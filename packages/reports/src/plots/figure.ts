import type { ComparisonResults, PublishedFigure } from '@equimodal/comparison';
import { meanPoints, seedPoints } from './curves.js';
import { numberedFrames } from './facets.js';
import { fitText, textWidth } from './font.js';
import { FUSED } from './modality-scales.js';
import { rowAxis, spanLayer } from './row-axis.js';
import { COLORS, DASHES, PLOT_WIDTH, SERIES, SIZE, SHAPES, type Plot } from './theme.js';

/** The gap is a distance, all else a share that is shown in percent. */
const scaleOf = (metric: string): number => (metric === 'modalityGap' ? 1 : 100);
const WORDS: Readonly<Record<string, string>> = {
  accuracy: 'Test accuracy, percent',
  map: 'Mean average precision on test, percent',
  macroF1: 'Macro F1 on test, percent',
  modalityGap: "Distance between the centres of the modalities' unit features on test",
};

/** A published figure or table that the comparison makes again: ours in the first frame, what is printed in the others. */
export function figurePlot(results: ComparisonResults): Plot | null {
  const { figure } = results;
  if (figure === undefined) return null;
  return figure.curves.length > 0 ? alphaCurves(results, figure) : bars(results, figure);
}

interface Dot {
  readonly frame: number;
  readonly row: string;
  readonly series: string;
  readonly value: number;
}

function headsOf({ dataset, rows }: ComparisonResults, figure: PublishedFigure, published: readonly string[]): string[] {
  const seeds = Math.max(...rows.map((row) => row.seeds.length));
  return [
    `here: ${dataset.id} (${dataset.modalities.join(', ')})${seeds > 1 ? `, ${seeds} seeds` : ''}`,
    ...published.map((label) => (label === '' ? figure.label : `${figure.label}: ${label}`)),
  ];
}

function about(results: ComparisonResults, figure: PublishedFigure): Pick<Plot, 'name' | 'title' | 'description'> {
  const title = `${figure.title} (${figure.label})`;
  return { name: 'figure', title, description: `${title}: ours on ${results.dataset.id}, and as published.` };
}

function bars(results: ComparisonResults, figure: PublishedFigure): Plot | null {
  const { metric, frames } = figure;
  const scale = scaleOf(metric);
  const modalities = results.dataset.modalities;
  const ours = results.rows.flatMap(({ recipe, metrics }) =>
    [FUSED, ...modalities].flatMap((series): Dot[] => {
      const mean = metrics[series === FUSED ? metric : `${metric}/${series}`]?.mean;
      return mean === undefined || !Number.isFinite(mean) ? [] : [{ frame: 0, row: recipe, series, value: scale * mean }];
    }),
  );
  if (ours.length === 0) return null;
  const printed = frames.flatMap(({ rows }, i) =>
    rows.flatMap(({ recipe, figures }) =>
      Object.entries(figures).map(([series, value]): Dot => ({ frame: i + 1, row: recipe, series, value })),
    ),
  );
  const values = [...ours, ...printed];
  const order = [...new Set(values.map(({ row }) => row))];
  const series = [FUSED, ...new Set(values.map((dot) => dot.series).filter((name) => name !== FUSED))];
  const { y, left } = rowAxis('row', order, 190);
  const columns = Math.min(3, frames.length + 1);
  const spacing = 28;
  const width = Math.floor((PLOT_WIDTH - 70 - left - spacing * (columns - 1)) / columns);
  const heads = headsOf(
    results,
    figure,
    frames.map(({ label }) => label),
  ).map((head) => fitText(head, SIZE.label, width - 8));
  const x = { type: 'quantitative', scale: { zero: metric === 'modalityGap', padding: 8 }, axis: { title: null, tickCount: 4 } };
  const color = {
    field: 'series',
    type: 'nominal',
    scale: { domain: series, range: series.map((_, i) => (i === 0 ? COLORS.ink : SERIES[(i - 1) % SERIES.length])) },
    legend: series.length === 1 ? null : { symbolSize: 85, symbolStrokeWidth: 0 },
  };
  return {
    ...about(results, figure),
    spec: {
      title: {
        text: about(results, figure).title,
        subtitle: subtitleOf(`${WORDS[metric] ?? metric}, mean over seeds; the line spans weakest to strongest.`, figure),
      },
      data: { values },
      facet: numberedFrames(heads),
      columns,
      spacing: { row: 20, column: spacing },
      resolve: { axis: { x: 'independent' } },
      spec: {
        width,
        height: 24 * order.length,
        encoding: { y },
        layer: [
          spanLayer(x),
          {
            mark: { type: 'point', filled: true, size: 80, opacity: 1 },
            encoding: {
              x: { field: 'value', ...x },
              color,
              shape: { ...color, scale: { domain: series, range: series.map((_, i) => SHAPES[i % SHAPES.length]) } },
            },
          },
        ],
      },
    },
  };
}

function alphaCurves(results: ComparisonResults, figure: PublishedFigure): Plot | null {
  const ours = results.rows.flatMap(({ recipe }) => {
    const line = meanPoints(seedPoints(results.curves, recipe, recipe, (epoch) => epoch.alpha));
    const last = line.at(-1)?.epoch ?? 0;
    return line.map(({ epoch, value }) => ({ frame: 0, series: recipe, at: last === 0 ? 0 : epoch / last, value }));
  });
  if (ours.length === 0) return null;
  const printed = figure.curves.flatMap(({ label, at, alpha }) => at.map((x, i) => ({ frame: 1, series: label, at: x, value: alpha[i]! })));
  const names = [...new Set(ours.map(({ series }) => series))];
  const published = figure.curves.map(({ label }) => label);
  const domain = [...names, ...published];
  // The lines of each frame go through the colours from the first on; a legend of both frames names them.
  const range = <T>(of: readonly T[]): T[] => [...names.map((_, i) => of[i % of.length]!), ...published.map((_, i) => of[i % of.length]!)];
  const spacing = 28;
  const longest = Math.max(...domain.map((name) => textWidth(name, SIZE.label)));
  const columns = Math.max(1, Math.floor((PLOT_WIDTH - 100) / (longest + 56)));
  const legend = { symbolType: 'stroke', symbolSize: 420, columns };
  const width = Math.floor((PLOT_WIDTH - 130 - spacing) / 2);
  const heads = headsOf(results, figure, ['']).map((head) => fitText(head, SIZE.label, width - 8));
  return {
    ...about(results, figure),
    spec: {
      title: { text: about(results, figure).title, subtitle: subtitleOf('Alpha over the share of training, mean over seeds.', figure) },
      data: { values: [...ours, ...printed] },
      facet: numberedFrames(heads),
      columns: 2,
      spacing: { column: spacing },
      resolve: { axis: { x: 'independent' } },
      spec: {
        width,
        height: 240,
        mark: { type: 'line', strokeWidth: 2.25, strokeJoin: 'round' },
        encoding: {
          x: {
            field: 'at',
            type: 'quantitative',
            scale: { domain: [0, 1], nice: false },
            axis: { title: null, grid: false, tickCount: 5, format: '.0%' },
          },
          y: { field: 'value', type: 'quantitative', scale: { domain: [0, 1] }, axis: { title: 'alpha', tickCount: 5, format: '.1f' } },
          color: { field: 'series', type: 'nominal', sort: domain, scale: { domain, range: range(SERIES) }, legend },
          strokeDash: { field: 'series', type: 'nominal', sort: domain, scale: { domain, range: range(DASHES) }, legend },
        },
      },
    },
  };
}

/** What is shown, and what a reader must know of what is printed. */
function subtitleOf(shown: string, { note }: PublishedFigure): string[] {
  const width = PLOT_WIDTH - 40;
  return [shown, ...(note === undefined ? [] : lines(note, width))];
}

function lines(text: string, width: number): string[] {
  return text.split(' ').reduce<string[]>(
    (done, word) => {
      const longer = done.at(-1) === '' ? word : `${done.at(-1)!} ${word}`;
      return textWidth(longer, SIZE.subtitle) <= width ? [...done.slice(0, -1), longer] : [...done, word];
    },
    [''],
  );
}
