import type { ComparisonResults, RunCurve } from '@equimodal/comparison';

/** One point of one line. `seed` is null on the mean over seeds. */
export interface CurvePoint {
  readonly recipe: string;
  readonly series: string;
  readonly seed: number | null;
  readonly epoch: number;
  readonly value: number;
}

type Epoch = RunCurve['epochs'][number];

/** The finite values of one series of one recipe, seed by seed, as points. */
export function seedPoints(
  curves: readonly RunCurve[],
  recipe: string,
  series: string,
  read: (epoch: Epoch) => number | null | undefined,
): CurvePoint[] {
  return curves
    .filter((curve) => curve.recipe === recipe)
    .flatMap((curve) =>
      curve.epochs.flatMap((epoch) => {
        const value = read(epoch);
        if (value === null || value === undefined || !Number.isFinite(value)) return [];
        return [{ recipe, series, seed: curve.seed, epoch: epoch.epoch, value }];
      }),
    );
}

/** The mean over seeds at each epoch that every seed has a value for (fewer would make it jump), in order of epochs. */
export function meanPoints(points: readonly CurvePoint[]): CurvePoint[] {
  const seeds = new Set(points.map(({ seed }) => seed)).size;
  const byEpoch = new Map<number, CurvePoint[]>();
  for (const point of points) byEpoch.set(point.epoch, [...(byEpoch.get(point.epoch) ?? []), point]);
  return [...byEpoch.entries()]
    .filter(([, at]) => at.length === seeds)
    .sort(([a], [b]) => a - b)
    .flatMap(([epoch, at]) => {
      const [first] = at;
      if (first === undefined) return [];
      return [{ ...first, seed: null, epoch, value: at.reduce((sum, { value }) => sum + value, 0) / at.length }];
    });
}

/** The least and the greatest value over seeds at each epoch that every seed has one for, in order of epochs. */
export function bandPoints(points: readonly CurvePoint[]): { epoch: number; low: number; high: number }[] {
  const byEpoch = new Map<number, number[]>();
  for (const { epoch, value } of points) byEpoch.set(epoch, [...(byEpoch.get(epoch) ?? []), value]);
  const seeds = new Set(points.map(({ seed }) => seed)).size;
  return [...byEpoch]
    .filter(([, values]) => values.length === seeds)
    .sort(([a], [b]) => a - b)
    .map(([epoch, values]) => ({ epoch, low: Math.min(...values), high: Math.max(...values) }));
}

/** Up to this many points a line are drawn; more cannot be told apart in a small frame. */
const POINTS = 60;

/** Some of a line's points, evenly, its first and last among them. */
export function thinned<T>(line: readonly T[]): readonly T[] {
  if (line.length <= POINTS) return line;
  return Array.from({ length: POINTS }, (_, i) => line[Math.round((i * (line.length - 1)) / (POINTS - 1))]!);
}

/** What a subtitle says of lines and bands. */
export function lineWords(points: readonly CurvePoint[]): string {
  return isSeveral(points) ? 'Line: mean over seeds; band: from the lowest to the highest seed.' : 'One seed.';
}

const isSeveral = (points: readonly CurvePoint[]): boolean => new Set(points.map(({ seed }) => seed)).size > 1;

/** Recipes that have curves, in the order of the rows, then those without a row. */
export function recipesWithCurves({ rows, curves }: ComparisonResults): string[] {
  const named = rows.map(({ recipe }) => recipe);
  const drawn = new Set(curves.map(({ recipe }) => recipe));
  return [...new Set([...named, ...curves.map(({ recipe }) => recipe)])].filter((recipe) => drawn.has(recipe));
}

/** The layers every curve plot has: a band from the lowest seed to the highest, a line for the mean, dots for lines of one point. */
export function curveLayers(
  points: readonly CurvePoint[],
  y: Readonly<Record<string, unknown>>,
  color: Readonly<Record<string, unknown>>,
  dash: Readonly<Record<string, unknown>> | null,
  xTitle: string | null = 'epoch',
): { data: unknown; layer: unknown[] } {
  const groups = new Map<string, CurvePoint[]>();
  for (const point of points) {
    const key = JSON.stringify([point.recipe, point.series]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [point]);
    else group.push(point);
  }
  const x = {
    field: 'epoch',
    type: 'quantitative',
    scale: { nice: false },
    axis: { title: xTitle, grid: false, tickMinStep: 1, format: 'd', tickCount: 5 },
  };
  // One table for all layers, so that a facet can split it.
  const values = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { recipe, series } = first;
    const mean = thinned(meanPoints(group));
    const band = isSeveral(group) ? thinned(bandPoints(group)) : [];
    return [
      ...mean.map(({ epoch, value }) => ({ recipe, series, epoch, value, line: 'mean', lone: mean.length === 1 })),
      ...(band.length > 1 ? band.map((point) => ({ recipe, series, ...point, line: 'band', lone: false })) : []),
    ];
  });
  const band = {
    transform: [{ filter: "datum.line === 'band'" }],
    mark: { type: 'area', opacity: 0.24, interpolate: 'linear' },
    encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color, detail: [{ field: 'series' }] },
  };
  const strong = {
    transform: [{ filter: "datum.line === 'mean'" }],
    mark: { type: 'line', strokeWidth: 2.25, strokeJoin: 'round' },
    encoding: { x, y, color, ...(dash === null ? {} : { strokeDash: dash }), detail: [{ field: 'series' }] },
  };
  // A line of one point has no length, so it gets a dot.
  const dots = {
    transform: [{ filter: 'datum.lone' }],
    mark: { type: 'point', filled: true, size: 36, opacity: 1 },
    encoding: { x, y, color },
  };
  return {
    data: { values },
    layer: [...(values.some(({ line }) => line === 'band') ? [band] : []), strong, ...(values.some(({ lone }) => lone) ? [dots] : [])],
  };
}
