import { PLOT_WIDTH, SIZE } from './theme.js';

/**
 * Small multiples by recipe, three in a row, together as wide as a plot; with `freeY` each frame has its own y axis.
 *
 * @param narrower pixels that wide labels of the y axis take
 */
export function facets(recipes: readonly string[], layer: readonly unknown[], freeY = false, narrower = 0): Record<string, unknown> {
  const columns = Math.min(3, recipes.length);
  const spacing = 24;
  const labels = freeY ? 30 * (columns - 1) : 0;
  const width = Math.floor((PLOT_WIDTH - 80 - narrower - labels - spacing * (columns - 1)) / columns);
  return {
    facet: { field: 'recipe', type: 'nominal', sort: recipes, header: { labelLimit: width } },
    columns,
    spacing: { row: 16, column: spacing },
    resolve: { axis: { x: 'independent', ...(freeY ? { y: 'independent' } : {}) }, ...(freeY ? { scale: { y: 'independent' } } : {}) },
    spec: { width, height: columns === 1 ? 240 : 116, layer },
  };
}

/** A facet of frames by number, each with a head of its own: two heads may be the same text. */
export const numberedFrames = (heads: readonly string[]): Record<string, unknown> => ({
  field: 'frame',
  type: 'ordinal',
  header: { labelLimit: 0, labelFontSize: SIZE.label, labelExpr: `(${JSON.stringify(heads)})[datum.value]` },
});
