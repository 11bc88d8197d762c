import type { ComparisonResults } from '@equimodal/comparison';
import { list } from '../format/format.js';
import { facets } from './facets.js';
import { curveLayers, lineWords, recipesWithCurves, seedPoints, type CurvePoint } from './curves.js';
import { rowAxis, spanLayer } from './row-axis.js';
import { COLORS, DASHES, PLOT_WIDTH, SERIES, type Plot } from './theme.js';
import { selectionLine } from './words.js';

const FUSED = 'fused';

/** An upright bar for the fused output, so that a modality's dot at the same place stays visible. */
const BAR = 'M-0.2,-1.2H0.2V1.2H-0.2Z';
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down'];

/** The colour, and in line plots the dash, of the fused output and of each modality; the same in both plots. */
function scales(modalities: readonly string[]): {
  color: Record<string, unknown>;
  dash: Record<string, unknown>;
} {
  const domain = [FUSED, ...modalities];
  const of = (first: unknown, range: readonly unknown[]): Record<string, unknown> => ({
    field: 'series',
    type: 'nominal',
    sort: domain,
    scale: { domain, range: domain.map((_, i) => (i === 0 ? first : range[(i - 1) % range.length])) },
  });
  return { color: of(COLORS.ink, SERIES), dash: of([1, 0], DASHES) };
}

/** Validation accuracy of each modality's own read-out and of the fused output over epochs, one small frame a recipe. */
export function modalityCurvesPlot(results: ComparisonResults): Plot | null {
  const { curves } = results;
  const modalities = modalityNames(results);
  const scaled = (value: number | null | undefined): number | null => (typeof value === 'number' ? 100 * value : null);
  const points = recipesWithCurves(results).flatMap((recipe): CurvePoint[] => [
    ...seedPoints(curves, recipe, FUSED, (epoch) => scaled(epoch.validationAccuracy)),
    ...modalities.flatMap((name) => seedPoints(curves, recipe, name, (epoch) => scaled(epoch.perModality[name]))),
  ]);
  const recipes = [...new Set(points.map(({ recipe }) => recipe))];
  if (recipes.length === 0) return null;
  const y = {
    field: 'value',
    type: 'quantitative',
    scale: { zero: true },
    axis: { title: null, tickCount: 4 },
  };
  const { color, dash } = scales(modalities);
  const legend = { symbolType: 'stroke', symbolSize: 420 };
  const { data, layer } = curveLayers(points, y, { ...color, legend }, { ...dash, legend }, null);
  const title = 'Validation accuracy, fused and of each modality';
  return {
    name: 'modality-curves',
    title,
    description: `${title} (${list(modalities)}), over epochs, for ${list(recipes)}.`,
    spec: {
      title: {
        text: title,
        subtitle: ['Percent over epochs: own read-out of each modality, and the fused output.', lineWords(points)],
      },
      data,
      ...facets(recipes, layer),
    },
  };
}

/** Final test accuracy of each modality's own read-out beside the fused output: one line a recipe, one dot each. */
export function modalityTestPlot(results: ComparisonResults): Plot | null {
  const modalities = modalityNames(results).filter((name) => results.rows.some((row) => row.metrics[`accuracy/${name}`] !== undefined));
  const values = results.rows.flatMap(({ recipe, metrics }) =>
    [FUSED, ...modalities].flatMap((series) => {
      const mean = metrics[series === FUSED ? 'accuracy' : `accuracy/${series}`]?.mean ?? NaN;
      return Number.isFinite(mean) ? [{ recipe, series, value: 100 * mean }] : [];
    }),
  );
  if (modalities.length === 0 || values.length === 0) return null;
  const order = [...new Set(values.map(({ recipe }) => recipe))];
  const { y, left } = rowAxis('recipe', order, 220);
  const { color } = scales(modalities);
  const x = {
    type: 'quantitative',
    scale: { zero: false, padding: 12 },
    axis: { title: 'percent', tickCount: 8 },
  };
  const range = [BAR, ...modalities.map((_, i) => SHAPES[i % SHAPES.length])];
  const shape = { ...color, scale: { domain: [FUSED, ...modalities], range } };
  const title = 'Test accuracy of each modality';
  return {
    name: 'modality-test',
    title,
    description: `${title} (${list(modalities)}) and of the fused output, mean over seeds, for ${list(order)}.`,
    spec: {
      title: {
        text: title,
        subtitle: ['Mean over seeds; the line spans weakest to strongest.', ...selectionLine(results)],
      },
      width: Math.round(PLOT_WIDTH - 50 - left),
      height: 28 * order.length,
      data: { values },
      encoding: { y },
      layer: [
        spanLayer(x),
        {
          mark: { type: 'point', filled: true, size: 85, opacity: 1 },
          encoding: {
            x: { field: 'value', ...x },
            color: { ...color, legend: { symbolSize: 85, symbolStrokeWidth: 0 } },
            shape,
          },
        },
      ],
    },
  };
}

function modalityNames({ dataset, curves, rows }: ComparisonResults): string[] {
  const measured = [
    ...curves.flatMap((curve) => curve.epochs.flatMap((epoch) => Object.keys(epoch.perModality))),
    ...rows.flatMap((row) =>
      Object.keys(row.metrics).flatMap((key) => (key.startsWith('accuracy/') ? [key.slice('accuracy/'.length)] : [])),
    ),
  ];
  return [...new Set([...dataset.modalities, ...measured])].filter((name) => measured.includes(name));
}
