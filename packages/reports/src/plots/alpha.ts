import type { ComparisonResults } from '@equimodal/comparison';
import { list } from '../format/format.js';
import { curveLayers, lineWords, recipesWithCurves, seedPoints } from './curves.js';
import { facets } from './facets.js';
import { COLORS, DASHES, PLOT_WIDTH, SERIES, type Plot } from './theme.js';

/** Up to this many recipes share one frame; more get a frame each. */
const TOGETHER = SERIES.length;

/** Alpha, the weight of the alignment loss, over epochs, for the recipes that have an alignment loss. */
export function alphaPlot(results: ComparisonResults): Plot | null {
  const points = recipesWithCurves(results).flatMap((recipe) => seedPoints(results.curves, recipe, recipe, (epoch) => epoch.alpha));
  const recipes = [...new Set(points.map(({ recipe }) => recipe))];
  if (recipes.length === 0) return null;
  const y = {
    field: 'value',
    type: 'quantitative',
    scale: { domain: [0, 1] },
    axis: { title: 'alpha', values: [0, 0.2, 0.4, 0.6, 0.8, 1], format: '.1f' },
  };
  const text = 'Weight of alignment (alpha)';
  const title = {
    text,
    subtitle: ['L = (1 − alpha) classification + alpha alignment; over epochs.', lineWords(points)],
  };
  const plot = { name: 'alpha', title: text, description: `${text} over epochs for ${list(recipes)}.` };
  if (recipes.length > TOGETHER) {
    const color = { value: COLORS.above };
    const { data, layer } = curveLayers(points, { ...y, axis: { title: null, values: [0, 0.5, 1], format: '.1f' } }, color, null, null);
    return { ...plot, spec: { title, data, ...facets(recipes, layer) } };
  }
  const scale = (range: readonly unknown[]): Record<string, unknown> => ({
    field: 'series',
    type: 'nominal',
    scale: { domain: recipes, range: range.slice(0, recipes.length) },
    legend: { symbolType: 'stroke', symbolSize: 420 },
  });
  const { data, layer } = curveLayers(points, y, scale(SERIES), scale(DASHES));
  return { ...plot, spec: { title, data, width: PLOT_WIDTH - 86, height: 260, layer } };
}
