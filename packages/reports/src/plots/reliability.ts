import type { ComparisonResults, Reliability } from '@equimodal/comparison';
import { list } from '../format/format.js';
import { facets } from './facets.js';
import { COLORS, type Plot } from './theme.js';
import { selectionLine } from './words.js';

/** Rows that get a frame; the bins of the others are in results.json. */
const FRAMES = 12;

/**
 * Reliability diagrams, a frame a recipe: accuracy of the predictions in each bin of confidence, the area of a point the share of
 * predictions in it. The predictions of all seeds are pooled.
 *
 * Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, figure 1.
 */
export function reliabilityPlot(results: ComparisonResults): Plot | null {
  const shown = chosen(results);
  if (shown.length === 0) return null;
  const recipes = shown.map(({ recipe }) => recipe);
  const values = shown.flatMap(({ recipe, count, correct, confidence }) => {
    const total = count.reduce((sum, n) => sum + n, 0);
    const points = count.flatMap((n, k) =>
      n === 0 ? [] : [{ recipe, confidence: confidence[k]! / n, accuracy: correct[k]! / n, share: n / total }],
    );
    // The diagonal, twice a frame, so that each frame has its own.
    return [...points, { recipe, ideal: 0 }, { recipe, ideal: 1 }];
  });
  const axis = { format: '%', tickCount: 3 };
  const scale = { domain: [0, 1] };
  const x = { field: 'confidence', type: 'quantitative', title: 'confidence', scale, axis: { ...axis, grid: false } };
  const y = { field: 'accuracy', type: 'quantitative', title: 'accuracy', scale, axis };
  const measured = [{ filter: 'isValid(datum.accuracy)' }];
  const layer = [
    {
      transform: [{ filter: 'isValid(datum.ideal)' }],
      mark: { type: 'line', color: COLORS.quiet, strokeDash: [4, 4], strokeWidth: 1 },
      encoding: { x: { ...x, field: 'ideal' }, y: { ...y, field: 'ideal' } },
    },
    { transform: measured, mark: { type: 'line', color: COLORS.above, strokeWidth: 1.5 }, encoding: { x, y } },
    {
      transform: measured,
      mark: { type: 'circle', color: COLORS.above, opacity: 0.8 },
      encoding: { x, y, size: { field: 'share', type: 'quantitative', scale: { domain: [0, 1], range: [12, 320] }, legend: null } },
    },
  ];
  const title = 'Reliability';
  const hidden = results.reliability.length - shown.length;
  return {
    name: 'reliability',
    title,
    description: `${title}: accuracy of the predictions in each bin of confidence against their mean confidence, for ${list(recipes)}.`,
    spec: {
      title: {
        text: title,
        subtitle: [
          'Test accuracy at each confidence, predictions of all seeds pooled; below the diagonal a model is too sure.',
          'Area of a point: share of the predictions in its bin.',
          ...(hidden > 0
            ? [`The reference and the most accurate rows; ${hidden} more ${hidden === 1 ? 'is' : 'are'} in results.json.`]
            : []),
          ...selectionLine(results),
        ],
      },
      data: { values },
      ...facets(recipes, layer, false, 85),
    },
  };
}

/** The reference first, then by accuracy. */
function chosen({ reliability, rows, reference }: ComparisonResults): Reliability[] {
  const accuracy = (recipe: string): number => rows.find((row) => row.recipe === recipe)?.metrics['accuracy']?.mean ?? -1;
  return [...reliability]
    .sort((a, b) => Number(b.recipe === reference) - Number(a.recipe === reference) || accuracy(b.recipe) - accuracy(a.recipe))
    .slice(0, FRAMES);
}
