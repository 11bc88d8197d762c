import { fitText, textWidth } from './font.js';
import { COLORS, SIZE } from './theme.js';

/** An axis of rows by name, in order, names cut to a width: the encoding `y` of the field, and the pixels the names take. */
export function rowAxis(
  field: string,
  order: readonly string[],
  widest: number,
): { readonly y: Record<string, unknown>; readonly left: number } {
  const left = Math.min(widest, Math.max(...order.map((name) => textWidth(name, SIZE.label))) + 4);
  const cut = Object.fromEntries(order.map((name) => [name, fitText(name, SIZE.label, left)]));
  const labels = { labelColor: COLORS.ink, labelLimit: 0, minExtent: left, maxExtent: left };
  const axis = { title: null, ...labels, labelExpr: `(${JSON.stringify(cut)})[datum.value]` };
  return { y: { field, type: 'nominal', sort: order, axis }, left };
}

/** The layer that spans a row's least to its greatest value. */
export const spanLayer = (x: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
  mark: { type: 'rule', strokeWidth: 2, color: COLORS.grid },
  encoding: { x: { field: 'value', aggregate: 'min', ...x }, x2: { field: 'value', aggregate: 'max' } },
});
