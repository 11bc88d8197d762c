import type { ComparisonResults } from '@equimodal/comparison';
import { list } from '../format/format.js';
import { facets } from './facets.js';
import { curveLayers, lineWords, recipesWithCurves, seedPoints, type CurvePoint } from './curves.js';
import { FUSED, modalitiesWith, modalityScales } from './modality-scales.js';
import type { Plot } from './theme.js';

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
  const { color, dash } = modalityScales(modalities);
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

function modalityNames(results: ComparisonResults): string[] {
  const measured = [
    ...results.curves.flatMap((curve) => curve.epochs.flatMap((epoch) => Object.keys(epoch.perModality))),
    ...modalitiesWith(results, 'accuracy'),
  ];
  return [...new Set([...results.dataset.modalities, ...measured])].filter((name) => measured.includes(name));
}
