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

/** What a subtitle says of the two kinds of line. */
export function lineWords(points: readonly CurvePoint[]): string {
  return isSeveral(points) ? 'Strong line: mean over seeds.' : 'One seed.';
}

const isSeveral = (points: readonly CurvePoint[]): boolean => new Set(points.map(({ seed }) => seed)).size > 1;

/** Recipes that have curves, in the order of the rows, then those without a row. */
export function recipesWithCurves({ rows, curves }: ComparisonResults): string[] {
  const named = rows.map(({ recipe }) => recipe);
  const drawn = new Set(curves.map(({ recipe }) => recipe));
  return [...new Set([...named, ...curves.map(({ recipe }) => recipe)])].filter((recipe) => drawn.has(recipe));
}

/** The layers every curve plot has: a faint line a seed, a strong line for the mean, dots for lines of one point. */
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
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  const means = [...groups.values()].map(meanPoints);
  const x = {
    field: 'epoch',
    type: 'quantitative',
    scale: { nice: false },
    axis: { title: xTitle, grid: false, tickMinStep: 1, format: 'd', tickCount: 5 },
  };
  // One table for both layers, so that a facet can split it.
  const values = [
    ...points.map((point) => ({ ...point, line: `seed ${point.seed}`, lone: false })),
    ...means.flatMap((line) => line.map((point) => ({ ...point, line: 'mean', lone: line.length === 1 }))),
  ];
  const faint = {
    transform: [{ filter: "datum.line !== 'mean'" }],
    mark: { type: 'line', strokeWidth: 1, opacity: 0.28, interpolate: 'linear' },
    encoding: { x, y, color, detail: [{ field: 'line' }] },
  };
  const strong = {
    transform: [{ filter: "datum.line === 'mean'" }],
    mark: { type: 'line', strokeWidth: 2.25, strokeJoin: 'round' },
    encoding: { x, y, color, ...(dash === null ? {} : { strokeDash: dash }) },
  };
  // A line of one point has no length, so it gets a dot.
  const dots = {
    transform: [{ filter: 'datum.lone' }],
    mark: { type: 'point', filled: true, size: 36, opacity: 1 },
    encoding: { x, y, color },
  };
  const lone = values.some((point) => point.lone);
  return {
    data: { values },
    layer: [...(isSeveral(points) ? [faint] : []), strong, ...(lone ? [dots] : [])],
  };
}
