import type { ComparisonResults, ResultRow } from '@equimodal/comparison';
import { list } from '../format/format.js';
import { facets } from './facets.js';
import { FUSED, modalitiesWith, modalityScales } from './modality-scales.js';
import type { Plot } from './theme.js';
import { selectionLine } from './words.js';

const AT_NOISE = /^accuracyAtNoise([\d.]+)(?:\/(.+))?$/;

/** Whether a figure is a point of the curves that this plot draws. */
export const isNoisePoint = (figure: string): boolean => AT_NOISE.test(figure);

/** Test accuracy as noise grows, in all modalities and in each alone, a frame a recipe. */
export function noisePlot(results: ComparisonResults): Plot | null {
  const values = results.rows.flatMap(curvesOf);
  if (values.length === 0) return null;
  const recipes = [...new Set(values.map(({ recipe }) => recipe))];
  const modalities = modalitiesWith(results, 'noiseRobustness');
  const { color, dash } = modalityScales(modalities);
  const x = { field: 'level', type: 'quantitative', axis: { title: 'level of noise', grid: false, tickCount: 5 } };
  const y = { field: 'value', type: 'quantitative', scale: { zero: false }, axis: { title: null, tickCount: 4 } };
  const labelExpr = `datum.label === '${FUSED}' ? 'in all' : 'in ' + datum.label + ' alone'`;
  const legend = { labelExpr, symbolType: 'stroke', symbolSize: 420 };
  const title = 'Test accuracy under noise';
  return {
    name: 'noise',
    title,
    description: `${title}, in all modalities and in each alone (${list(modalities)}), mean over seeds, for ${list(recipes)}.`,
    spec: {
      title: {
        text: title,
        subtitle: [
          "Percent, mean over seeds; level: standard deviations of the sample's own values, or the share of tokens dropped.",
          ...selectionLine(results),
        ],
      },
      data: { values },
      ...facets(
        recipes,
        [
          {
            mark: { type: 'line', strokeWidth: 2.25, point: { size: 24, opacity: 1 } },
            encoding: { x, y, color: { ...color, legend }, strokeDash: { ...dash, legend } },
          },
        ],
        false,
        36,
      ),
    },
  };
}

function curvesOf({ recipe, metrics }: ResultRow): { recipe: string; series: string; level: number; value: number }[] {
  const points = Object.entries(metrics).flatMap(([key, { mean }]) => {
    const [, level, modality] = AT_NOISE.exec(key) ?? [];
    return level === undefined || !Number.isFinite(mean)
      ? []
      : [{ recipe, series: modality ?? FUSED, level: Number(level), value: 100 * mean }];
  });
  const clean = metrics['accuracy']?.mean;
  if (clean === undefined) return points;
  const series = [...new Set(points.map((point) => point.series))];
  return [...series.map((one) => ({ recipe, series: one, level: 0, value: 100 * clean })), ...points];
}
