import { RandomStream } from '@equimodal/core';
import { describe, expect, it } from 'vitest';
import { principalPlane } from './pca.js';

describe('principalPlane', () => {
  it('finds the axes of an ellipse that lies askew in many dimensions, with their variances', () => {
    const random = new RandomStream(5);
    const [u, v] = [unit(random, 20), unit(random, 20)];
    const w = orthogonal(v, u);
    const sides = Array.from({ length: 200 }, () => [3 * random.normal(), random.normal()] as const);
    const { points, explained } = principalPlane(sides.map(([a, b]) => u.map((value, j) => a * value + b * w[j]! + 5)));
    expect(explained[0] + explained[1]).toBeCloseTo(1, 9);
    const variance = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0);
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    // Components do not covary, and their variances are the eigenvalues of the 2 x 2 covariance of the sides.
    expect(Math.abs(xs.reduce((sum, x, i) => sum + x * ys[i]!, 0))).toBeLessThan(1e-4 * variance(xs));
    const centred = sides.map((side) => side.map((value, j) => value - sides.reduce((sum, other) => sum + other[j]!, 0) / 200));
    const [aa, bb, ab] = [0, 0, 0].map((_, k) =>
      centred.reduce((sum, side) => sum + (k === 2 ? side[0]! * side[1]! : side[k]! * side[k]!), 0),
    ) as [number, number, number];
    const root = Math.sqrt(((aa - bb) / 2) ** 2 + ab * ab);
    expect(variance(xs) / ((aa + bb) / 2 + root)).toBeCloseTo(1, 6);
    expect(variance(ys) / ((aa + bb) / 2 - root)).toBeCloseTo(1, 6);
  });

  it('keeps its signs, and bears rows that are all alike', () => {
    const rows = [
      [0, 0],
      [1, 0],
      [-2, 0.1],
    ];
    expect(principalPlane(rows)).toEqual(principalPlane(rows));
    expect(
      principalPlane([
        [1, 2],
        [1, 2],
      ]),
    ).toEqual({
      points: [
        [0, 0],
        [0, 0],
      ],
      explained: [0, 0],
    });
  });
});

function unit(random: RandomStream, size: number): number[] {
  const raw = Array.from({ length: size }, () => random.normal());
  const length = Math.hypot(...raw);
  return raw.map((value) => value / length);
}

function orthogonal(v: readonly number[], u: readonly number[]): number[] {
  const along = v.reduce((sum, value, i) => sum + value * u[i]!, 0);
  const rest = v.map((value, i) => value - along * u[i]!);
  const length = Math.hypot(...rest);
  return rest.map((value) => value / length);
}
