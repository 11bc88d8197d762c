import type { RankComparison } from '@equimodal/comparison';
import { list, pValue } from '../format/format.js';
import { textWidth } from './font.js';
import { COLORS, PLOT_WIDTH, SIZE, type Plot } from './theme.js';

const LINE = 20;

/**
 * The critical-difference plot: average ranks on an axis, the best on the left; a bar joins rows that Nemenyi's test cannot
 * tell apart.
 *
 * Source: Demsar, "Statistical comparisons of classifiers over multiple data sets", JMLR 7 (2006), figure 1.
 */
export function criticalDifferencePlot(ranks: RankComparison): Plot {
  const { rows, criticalDifference, groups, datasets, friedman } = ranks;
  const k = rows.length;
  const best = Math.ceil(k / 2);
  // Names of the better half hang on the left, of the other half on the right, the outer ones highest.
  const bars = groups.map((group, i) => ({ from: rankOf(ranks, group[0]!), to: rankOf(ranks, group.at(-1)!), y: 14 + 9 * i }));
  const top = 26 + 9 * groups.length;
  const placed = rows.map(({ name, average }, i) => {
    const left = i < best;
    return { name, average, left, y: top + LINE * (left ? i : k - 1 - i), label: `${name}  ${average.toFixed(2)}` };
  });
  const room = (left: boolean): number =>
    Math.min(230, Math.max(20, ...placed.filter((row) => row.left === left).map(({ label }) => textWidth(label, SIZE.label)))) + 16;
  const width = PLOT_WIDTH - 60;
  const [from, to] = [room(true), width - room(false)];
  const x = (rank: number): number => from + ((rank - 1) / Math.max(1, k - 1)) * (to - from);
  const rules = [
    { x: from, x2: to, y: 0, y2: 0, weight: 1.2 },
    ...Array.from({ length: k }, (_, i) => ({ x: x(i + 1), x2: x(i + 1), y: -6, y2: 0, weight: 1.2 })),
    ...placed.flatMap(({ average, left, y }) => [
      { x: x(average), x2: x(average), y: 0, y2: y, weight: 1 },
      { x: x(average), x2: left ? from - 8 : to + 8, y, y2: y, weight: 1 },
    ]),
  ];
  const cd = { x: x(1), x2: Math.min(to, x(1 + criticalDifference)), y: -44, y2: -44 };
  const texts = [
    ...Array.from({ length: k }, (_, i) => ({ x: x(i + 1), y: -14, text: k <= 16 || i % 2 === 0 ? String(i + 1) : '', align: 'center' })),
    { x: cd.x, y: -54, text: `critical difference ${criticalDifference.toFixed(2)}`, align: 'left' },
    ...placed.map(({ label, left, y }) => ({ x: left ? from - 13 : to + 13, y, text: label, align: left ? 'right' : 'left' })),
  ];
  const height = 70 + top + LINE * best;
  const at = (field: string, domain: readonly [number, number]): Record<string, unknown> => ({
    field,
    type: 'quantitative',
    scale: { domain, nice: false, zero: false },
    axis: null,
  });
  const [across, down] = [[0, width] as const, [height - 70, -70] as const];
  const rule = (values: readonly object[], stroke: string, weight: number | { field: string }): Record<string, unknown> => ({
    data: { values },
    mark: { type: 'rule', color: stroke, ...(typeof weight === 'number' ? { strokeWidth: weight, strokeCap: 'round' } : {}) },
    encoding: {
      x: at('x', across),
      x2: { field: 'x2' },
      y: at('y', down),
      y2: { field: 'y2' },
      ...(typeof weight === 'number' ? {} : { strokeWidth: { ...weight, type: 'quantitative', scale: null } }),
    },
  });
  const title = `Average rank over ${datasets.length} data sets`;
  const test = friedman === null ? '' : ` Friedman's test that all are alike: p ${equals(friedman.fPValue)}.`;
  return {
    name: 'critical-difference',
    title,
    description: `${title}: ${list(rows.map(({ name, average }) => `${name} ${average.toFixed(2)}`))}; critical difference ${criticalDifference.toFixed(2)}.`,
    spec: {
      title: {
        text: title,
        subtitle: [
          `By test accuracy on ${list(datasets)}; 1 is the best.${test}`,
          "Rows joined by a bar cannot be told apart (Nemenyi's test, .05).",
        ],
      },
      width,
      height,
      layer: [
        rule(rules, COLORS.axis, { field: 'weight' }),
        rule([cd], COLORS.ink, 2),
        rule(
          bars.map(({ from: a, to: b, y }) => ({ x: x(a) - 3, x2: x(b) + 3, y, y2: y })),
          COLORS.above,
          4,
        ),
        {
          data: { values: placed.map(({ average }) => ({ x: x(average), y: 0 })) },
          mark: { type: 'point', filled: true, size: 30, color: COLORS.ink, opacity: 1 },
          encoding: { x: at('x', across), y: at('y', down) },
        },
        ...['left', 'center', 'right'].map((align) => ({
          data: { values: texts.filter((text) => text.align === align) },
          mark: { type: 'text', align, baseline: 'middle', fontSize: SIZE.label, color: COLORS.ink },
          encoding: { x: at('x', across), y: at('y', down), text: { field: 'text', type: 'nominal' } },
        })),
      ],
    },
  };
}

const rankOf = ({ rows }: RankComparison, name: string): number => rows.find((row) => row.name === name)!.average;
const equals = (p: number): string => (p < 0.001 ? pValue(p) : `= ${pValue(p)}`);
