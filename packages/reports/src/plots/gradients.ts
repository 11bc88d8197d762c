import type { ComparisonResults } from '@equimodal/comparison';
import { list } from '../format/format.js';
import { curveLayers, lineWords, recipesWithCurves, seedPoints } from './curves.js';
import { facets } from './facets.js';
import { DASHES, SERIES, type Plot } from './theme.js';

/** Each modality's share of the gradient norm over epochs, a frame a recipe: how far one modality drives the training. */
export function gradientPlot(results: ComparisonResults): Plot | null {
  const modalities = [
    ...new Set([...results.dataset.modalities, ...results.curves.flatMap(({ epochs }) => Object.keys(epochs[0]?.gradientNorm ?? {}))]),
  ];
  const share = (norms: Readonly<Record<string, number>>, name: string): number | null => {
    const own = norms[name];
    const total = Object.values(norms).reduce((sum, value) => sum + value, 0);
    // One modality alone has all of it.
    return own === undefined || Object.keys(norms).length < 2 || !(total > 0) ? null : (100 * own) / total;
  };
  const points = recipesWithCurves(results).flatMap((recipe) =>
    modalities.flatMap((name) => seedPoints(results.curves, recipe, name, ({ gradientNorm }) => share(gradientNorm, name))),
  );
  const recipes = [...new Set(points.map(({ recipe }) => recipe))];
  if (recipes.length === 0) return null;
  const shown = modalities.filter((name) => points.some(({ series }) => series === name));
  const scale = (range: readonly unknown[]): Record<string, unknown> => ({
    field: 'series',
    type: 'nominal',
    sort: shown,
    scale: { domain: shown, range: shown.map((_, i) => range[i % range.length]) },
    legend: { symbolType: 'stroke', symbolSize: 420 },
  });
  const y = { field: 'value', type: 'quantitative', scale: { domain: [0, 100] }, axis: { title: null, values: [0, 25, 50, 75, 100] } };
  const { data, layer } = curveLayers(points, y, scale(SERIES), scale(DASHES), null);
  const title = 'Gradient of each modality';
  return {
    name: 'gradients',
    title,
    description: `Share of ${list(shown)} in the norm of the classification gradient over epochs, for ${list(recipes)}.`,
    spec: {
      title: {
        text: title,
        subtitle: [
          'Percent of the summed norms of the classification gradient in the encoders, first step of each epoch.',
          lineWords(points),
        ],
      },
      data,
      ...facets(recipes, layer),
    },
  };
}
