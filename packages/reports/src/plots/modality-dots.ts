import type { ComparisonResults } from '@equimodal/comparison';
import { list } from '../format/format.js';
import { FUSED, modalitiesWith, modalityScales } from './modality-scales.js';
import { rowAxis, spanLayer } from './row-axis.js';
import { PLOT_WIDTH, SHAPES, type Plot } from './theme.js';
import { selectionLine } from './words.js';

/** An upright bar for the fused output, so that a modality's dot at the same place stays visible. */
const BAR = 'M-0.2,-1.2H0.2V1.2H-0.2Z';

/** Figures of modalities, one line a recipe, one dot each. */
export interface DotsRequest {
  readonly name: string;
  readonly title: string;
  readonly subtitle: readonly string[];
  /** The figure of each modality, e.g. `accuracy`, a fraction. */
  readonly figure: string;
  /** Whether the accuracy of the fused output stands beside them; with `only`, not alone. */
  readonly fused: boolean;
  readonly only?: boolean;
  /** Vega expression of a legend's label. */
  readonly label?: string;
  readonly axis: string;
}

export function modalityDots(results: ComparisonResults, request: DotsRequest): Plot | null {
  const { name, title, figure, fused } = request;
  const modalities = modalitiesWith(results, figure);
  const series = [...(fused ? [FUSED] : []), ...modalities];
  const values = results.rows
    .filter(({ metrics }) => request.only !== true || modalities.some((modality) => metrics[`${figure}/${modality}`] !== undefined))
    .flatMap(({ recipe, metrics }) =>
      series.flatMap((one) => {
        const mean = metrics[one === FUSED ? 'accuracy' : `${figure}/${one}`]?.mean ?? NaN;
        return Number.isFinite(mean) ? [{ recipe, series: one, value: 100 * mean }] : [];
      }),
    );
  if (modalities.length === 0 || values.length === 0) return null;
  const order = [...new Set(values.map(({ recipe }) => recipe))];
  const { y, left } = rowAxis('recipe', order, 220);
  const { color } = modalityScales(modalities);
  const { range } = color['scale'] as { readonly range: readonly unknown[] };
  const scaled = (marks: readonly unknown[]): Record<string, unknown> => ({
    ...color,
    sort: series,
    scale: { domain: series, range: fused ? marks : marks.slice(1) },
  });
  const x = {
    type: 'quantitative',
    scale: { zero: false, padding: 12 },
    axis: { title: request.axis, tickCount: 8 },
  };
  const legend = { symbolSize: 85, symbolStrokeWidth: 0, ...(request.label === undefined ? {} : { labelExpr: request.label }) };
  return {
    name,
    title,
    description: `${title} (${list(modalities)})${fused ? ' and of the fused output' : ''}, mean over seeds, for ${list(order)}.`,
    spec: {
      title: { text: title, subtitle: [...request.subtitle, ...selectionLine(results)] },
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
            color: { ...scaled(range), legend },
            shape: { ...scaled([BAR, ...modalities.map((_, i) => SHAPES[i % SHAPES.length])]), legend },
          },
        },
      ],
    },
  };
}

/** Final test accuracy of each modality's own read-out beside the fused output. */
export const modalityTestPlot = (results: ComparisonResults): Plot | null =>
  modalityDots(results, {
    name: 'modality-test',
    title: 'Test accuracy of each modality',
    subtitle: ['Mean over seeds; the line spans weakest to strongest.'],
    figure: 'accuracy',
    fused: true,
    axis: 'percent',
  });

/** What each modality contributes to the accuracy, by its Shapley value. */
export const contributionsPlot = (results: ComparisonResults): Plot | null =>
  modalityDots(results, {
    name: 'contributions',
    title: 'What each modality contributes to test accuracy',
    subtitle: ['Shapley values over all subsets of the modalities, those outside shown as zeros; mean over seeds.'],
    figure: 'shapley',
    fused: false,
    only: true,
    axis: 'points of accuracy',
  });

/** Accuracy without each modality beside that with all. */
export const missingPlot = (results: ComparisonResults): Plot | null =>
  modalityDots(results, {
    name: 'missing',
    title: 'Test accuracy without each modality',
    subtitle: ['A missing modality is shown as zeros; mean over seeds.'],
    figure: 'accuracyWithout',
    fused: true,
    only: true,
    label: `datum.label === '${FUSED}' ? 'with all' : 'without ' + datum.label`,
    axis: 'percent',
  });
