import type { ComparisonResults, FeatureScatter } from '@equimodal/comparison';
import { list } from '../format/format.js';
import { numberedFrames } from './facets.js';
import { fitText, textWidth } from './font.js';
import { PLOT_WIDTH, SERIES, SIZE, SHAPES, type Plot } from './theme.js';

const WORDS = {
  pca: 'First two principal components of unit features of test samples; percent of the variance along each.',
  umap: 'UMAP of unit features of test samples; distances between far groups mean little.',
} as const;

/** Features of test samples of every modality in a plane, a frame a recipe: the gap between modalities, seen. */
export function scatterPlot(results: ComparisonResults, kind: FeatureScatter['kind']): Plot | null {
  const shown = results.scatter.filter((one) => one.kind === kind);
  if (shown.length === 0) return null;
  const modalities = [...new Set([...results.dataset.modalities, ...shown.flatMap(({ points }) => Object.keys(points))])].filter((name) =>
    shown.some(({ points }) => points[name] !== undefined),
  );
  const columns = Math.min(3, shown.length);
  const spacing = 24;
  const width = Math.floor(Math.min(360, (PLOT_WIDTH - 60 - spacing * (columns - 1)) / columns));
  // Frames go by number, because two heads may be cut to one text.
  const heads = shown.map((one) => headOf(one, width));
  const values = shown.flatMap(({ points }, frame) =>
    Object.entries(points).flatMap(([modality, own]) => own.map(([x, y]) => ({ frame, modality, x, y }))),
  );
  const scale = (range: readonly unknown[]): Record<string, unknown> => ({
    field: 'modality',
    type: 'nominal',
    sort: modalities,
    scale: { domain: modalities, range: modalities.map((_, i) => range[i % range.length]) },
  });
  const axis = { title: null, labels: false, tickCount: 4 };
  const title = kind === 'pca' ? 'Features: principal components' : 'Features: UMAP';
  const recipes = shown.map(({ recipe }) => recipe);
  return {
    name: `features-${kind}`,
    title,
    description: `${title}, of ${list(modalities)}, one seed each, for ${list(recipes)}.`,
    spec: {
      title: {
        text: title,
        subtitle: [WORDS[kind], 'The reference and the most accurate rows, one seed each; gap: distance between centres.'],
      },
      data: { values },
      facet: numberedFrames(heads),
      columns,
      spacing: { row: 16, column: spacing },
      // Axes of one frame have nothing to do with those of another.
      resolve: { scale: { x: 'independent', y: 'independent' } },
      spec: {
        width,
        height: Math.round(width * 0.75),
        mark: { type: 'point', filled: true, size: 34, opacity: 0.75 },
        encoding: {
          x: { field: 'x', type: 'quantitative', scale: { zero: false, padding: 8 }, axis },
          y: { field: 'y', type: 'quantitative', scale: { zero: false, padding: 8 }, axis },
          color: { ...scale(SERIES), legend: { symbolSize: 70, symbolStrokeWidth: 0 } },
          shape: scale(SHAPES),
        },
      },
    },
  };
}

/** The head of a frame: the row, cut to what is left beside the gap and the variance. */
function headOf({ recipe, gap, explained }: FeatureScatter, width: number): string {
  const percents = explained === null ? '' : `${explained.map((share) => `${Math.round(100 * share)}`).join(' + ')} %`;
  const parts = [gap === null ? '' : `gap ${gap.toFixed(2)}`, percents].filter((text) => text !== '');
  const tail = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  return fitText(recipe, SIZE.label, width - textWidth(tail, SIZE.label, true)) + tail;
}
