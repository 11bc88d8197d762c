import type { ComparisonResults, ConfusionMatrix } from '@equimodal/comparison';
import { list } from '../format/format.js';
import { fitText, textWidth } from './font.js';
import { COLORS, PLOT_WIDTH, SIZE, type Plot } from './theme.js';
import { selectionLine } from './words.js';

/** Cells that are drawn at most, over all frames; the rest of the matrices is in results.json. */
const CELLS = 2000;
const FRAMES = 9;
/** Up to this many classes a frame is wide enough for numbers. */
const WITH_NUMBERS = 8;

/** Confusion matrices, a frame a recipe: the share of each true class that was taken for each class. */
export function confusionPlot(results: ComparisonResults): Plot | null {
  const all = results.confusion;
  const classes = all[0]?.counts.length ?? 0;
  if (classes < 2) return null;
  const shown = chosen(results, Math.max(1, Math.min(FRAMES, Math.floor(CELLS / classes ** 2))));
  const recipes = shown.map(({ recipe }) => recipe);
  const names = Array.from({ length: classes }, (_, i) => results.dataset.classNames[i] ?? String(i));
  const columns = Math.min(3, shown.length);
  const left = Math.min(96, Math.max(...names.map((name) => textWidth(name, SIZE.axis))) + 6);
  const numbers = classes <= WITH_NUMBERS;
  const room = (PLOT_WIDTH - 40) / columns - left - 22;
  const side = Math.max(4, Math.floor(Math.min(room, 320) / classes));
  const values = shown.flatMap(({ recipe, counts }) =>
    counts.flatMap((row, truth) => {
      const total = row.reduce((sum, count) => sum + count, 0);
      return row.map((count, predicted) => {
        const share = total === 0 ? 0 : count / total;
        return { recipe, truth, predicted, share, text: (100 * share).toFixed(0) };
      });
    }),
  );
  // Axes carry numbers of classes, so that two classes may have one name.
  const labels = `(${JSON.stringify(names.map((name) => fitText(name, SIZE.axis, left)))})[datum.value]`;
  const axis = { title: null, labelExpr: labels, labelLimit: 0, grid: false, domain: false, labelOverlap: false };
  const order = names.map((_, i) => i);
  const position = {
    x: {
      field: 'predicted',
      type: 'ordinal',
      sort: order,
      scale: { paddingInner: 0, paddingOuter: 0 },
      axis: classes > 20 ? null : { ...axis, labelAngle: -40, labelAlign: 'right', labelBaseline: 'middle' },
    },
    y: { field: 'truth', type: 'ordinal', sort: order, scale: { paddingInner: 0, paddingOuter: 0 }, axis: classes > 20 ? null : axis },
  };
  const layer = [
    {
      mark: { type: 'rect', color: COLORS.above },
      encoding: {
        ...position,
        fillOpacity: { field: 'share', type: 'quantitative', scale: { domain: [0, 1], range: [0.03, 0.85] }, legend: null },
      },
    },
    ...(numbers
      ? [
          {
            mark: { type: 'text', fontSize: Math.min(12, side * 0.42), color: COLORS.ink },
            encoding: { ...position, text: { field: 'text' } },
          },
        ]
      : []),
  ];
  const title = 'Confusion';
  const hidden = all.length - shown.length;
  return {
    name: 'confusion',
    title,
    description: `${title}: for each true class, the share that was taken for each class, for ${list(recipes)}.`,
    spec: {
      title: {
        text: title,
        subtitle: [
          'Rows: true class; columns: predicted class; percent of the row, summed over seeds.',
          ...(hidden > 0
            ? [`The reference and the most accurate rows; ${hidden} more ${hidden === 1 ? 'is' : 'are'} in results.json.`]
            : []),
          ...selectionLine(results),
        ],
      },
      data: { values },
      facet: { field: 'recipe', type: 'nominal', sort: recipes, header: { labelLimit: room } },
      columns,
      spacing: { row: 18, column: 18 },
      resolve: { axis: { x: 'independent', y: 'independent' } },
      spec: { width: side * classes, height: side * classes, layer },
    },
  };
}

/** The reference first, then by accuracy. */
function chosen({ confusion, rows, reference }: ComparisonResults, count: number): ConfusionMatrix[] {
  const accuracy = (recipe: string): number => rows.find((row) => row.recipe === recipe)?.metrics['accuracy']?.mean ?? -1;
  return [...confusion]
    .sort((a, b) => Number(b.recipe === reference) - Number(a.recipe === reference) || accuracy(b.recipe) - accuracy(a.recipe))
    .slice(0, count);
}
