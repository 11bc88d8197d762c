import { RandomStream } from '../random/random.js';
import { halton, primes } from './halton.js';
import type { Dimension, Space } from './schema.js';

/** Values of settings, by path. */
export type Point = Readonly<Record<string, unknown>>;

/** The value of a setting at a place in [0, 1) of its range, or of its list. */
export function valueAt(dimension: Dimension, u: number): unknown {
  if ('values' in dimension) return dimension.values[Math.floor(u * dimension.values.length)];
  const { from, to, scale, integer } = dimension;
  // A whole number owns the range up to the next one.
  const top = integer ? to + 1 : to;
  const value = scale === 'log' ? from * (top / from) ** u : from + (top - from) * u;
  return integer ? Math.min(to, Math.floor(value)) : value;
}

/** The values a grid takes of a setting; undefined where it is not said how many. */
export function gridValues(dimension: Dimension): unknown[] | undefined {
  if ('values' in dimension) return [...dimension.values];
  const { from, to, scale, integer, points } = dimension;
  if (points === undefined) return undefined;
  const values = Array.from({ length: points }, (_, i) => {
    const share = i / (points - 1);
    if (share === 1) return to;
    const value = scale === 'log' ? from * (to / from) ** share : from + (to - from) * share;
    return integer ? Math.round(value) : value;
  });
  return [...new Set(values)];
}

/** Every combination, the last setting changing fastest. Every dimension has grid values. */
export function gridPoints(space: Space): Point[] {
  return Object.entries(space).reduce<Point[]>(
    (points, [path, dimension]) => points.flatMap((point) => gridValues(dimension)!.map((value) => ({ ...point, [path]: value }))),
    [{}],
  );
}

/**
 * Points of a space, drawn independently or along the Halton sequence. A setting's values depend on its path (random) or on its place
 * (halton) and on the seed, not on the row: rows that share the settings of every row are tried at the same points.
 */
export function drawPoints(space: Space, search: 'random' | 'halton', trials: number, seed: number): Point[] {
  const bases = primes(Object.keys(space).length);
  return Array.from({ length: trials }, (_, trial) =>
    Object.fromEntries(
      Object.entries(space).map(([path, dimension], i) => {
        const random = new RandomStream(seed, `sweep/${search}`);
        const u = search === 'random' ? random.at(path).at(trial).uniform() : halton(trial, bases[i]!, random.at(bases[i]!));
        return [path, valueAt(dimension, u)];
      }),
    ),
  );
}
