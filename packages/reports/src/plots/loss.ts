import type { ComparisonResults } from '@equimodal/comparison';
import { list } from '../format/format.js';
import { curveLayers, lineWords, recipesWithCurves, seedPoints, type CurvePoint } from './curves.js';
import { facets } from './facets.js';
import { COLORS, DASHES, SERIES, type Plot } from './theme.js';

const TOTAL = 'total';

/** Training loss over epochs, and its unweighted terms where there are several, a frame a recipe with an axis of its own. */
export function lossPlot(results: ComparisonResults): Plot | null {
  const terms = commonTerms(results);
  const points = recipesWithCurves(results).flatMap((recipe): CurvePoint[] => {
    const own = terms.filter((term) => results.curves.some((curve) => curve.recipe === recipe && has(curve.epochs, term)));
    return [
      ...seedPoints(results.curves, recipe, TOTAL, ({ trainLoss }) => trainLoss),
      // One term alone is the total.
      ...(own.length < 2 ? [] : own.flatMap((term) => seedPoints(results.curves, recipe, term, ({ losses }) => losses[term]))),
    ];
  });
  const recipes = [...new Set(points.map(({ recipe }) => recipe))];
  if (recipes.length === 0) return null;
  const shown = [TOTAL, ...terms.filter((term) => points.some(({ series }) => series === term))];
  const scale = (first: unknown, range: readonly unknown[]): Record<string, unknown> => ({
    field: 'series',
    type: 'nominal',
    sort: shown,
    scale: { domain: shown, range: shown.map((_, i) => (i === 0 ? first : range[(i - 1) % range.length])) },
    legend: shown.length < 2 ? null : { symbolType: 'stroke', symbolSize: 420 },
  });
  const y = { field: 'value', type: 'quantitative', scale: { zero: false }, axis: { title: null, tickCount: 4 } };
  const { data, layer } = curveLayers(points, y, scale(COLORS.ink, SERIES), scale([1, 0], DASHES), null);
  const title = 'Training loss';
  return {
    name: 'loss',
    title,
    description: `${title} over epochs, for ${list(recipes)}.`,
    spec: {
      title: {
        text: title,
        subtitle: [
          `Mean of an epoch's steps${shown.length > 1 ? ', and its terms before weighting' : ''}; each frame has an axis of its own.`,
          lineWords(points),
        ],
      },
      data,
      ...facets(recipes, layer, true),
    },
  };
}

type Epochs = ComparisonResults['curves'][number]['epochs'];
const has = (epochs: Epochs, term: string): boolean => epochs.some(({ losses }) => losses[term] !== undefined);

/** The terms that most recipes have, as many as there are colours. */
function commonTerms({ curves }: ComparisonResults): string[] {
  const counts = new Map<string, Set<string>>();
  for (const { recipe, epochs } of curves) {
    for (const term of Object.keys(epochs[0]?.losses ?? {})) counts.set(term, (counts.get(term) ?? new Set()).add(recipe));
  }
  return [...counts]
    .sort(([, a], [, b]) => b.size - a.size)
    .slice(0, SERIES.length)
    .map(([term]) => term);
}
