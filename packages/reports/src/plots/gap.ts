import type { ComparisonResults } from '@equimodal/comparison';
import { list } from '../format/format.js';
import { curveLayers, lineWords, recipesWithCurves, type CurvePoint } from './curves.js';
import { facets } from './facets.js';
import { COLORS, type Plot } from './theme.js';

/**
 * The modality gap on validation over epochs, a frame a recipe: after each epoch, and before the first step where that was scored.
 * The abscissa counts epochs that are done, so that 0 is before training.
 */
export function gapPlot(results: ComparisonResults): Plot | null {
  const points = recipesWithCurves(results).flatMap((recipe) =>
    results.curves
      .filter((curve) => curve.recipe === recipe)
      .flatMap(({ seed, initial, epochs }): CurvePoint[] =>
        [
          { done: 0, value: initial?.modalityGap },
          ...epochs.map(({ epoch, modalityGap }) => ({ done: epoch + 1, value: modalityGap })),
        ].flatMap(({ done, value }) =>
          typeof value === 'number' && Number.isFinite(value) ? [{ recipe, series: recipe, seed, epoch: done, value }] : [],
        ),
      ),
  );
  const recipes = [...new Set(points.map(({ recipe }) => recipe))];
  if (recipes.length === 0) return null;
  const y = { field: 'value', type: 'quantitative', scale: { zero: true }, axis: { title: null, tickCount: 4 } };
  const { data, layer } = curveLayers(points, y, { value: COLORS.above }, null, null);
  const title = 'Modality gap over training';
  return {
    name: 'gap',
    title,
    description: `${title}, on validation, for ${list(recipes)}.`,
    spec: {
      title: {
        text: title,
        subtitle: ["Distance between the centres of the modalities' unit features, validation; by epochs done.", lineWords(points)],
      },
      data,
      ...facets(recipes, layer, false, 13),
    },
  };
}
