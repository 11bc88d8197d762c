import { RandomStream } from '@equimodal/core';
import { expect, it } from 'vitest';
import { umapPlane } from './umap.js';

it('keeps groups apart, is the same every time, and needs enough rows', () => {
  const random = new RandomStream(3);
  const rows = Array.from({ length: 60 }, (_, i) => Array.from({ length: 8 }, () => (i % 2) * 6 + random.normal()));
  const plane = umapPlane(rows)!;
  expect(umapPlane(rows)).toEqual(plane);
  const centre = (of: number): number[] =>
    [0, 1].map((axis) => plane.filter((_, i) => i % 2 === of).reduce((sum, p) => sum + p[axis]! / 30, 0));
  const [a, b] = [centre(0), centre(1)];
  const nearer = plane.filter(([x, y], i) => {
    const [own, other] = i % 2 === 0 ? [a, b] : [b, a];
    return Math.hypot(x - own[0]!, y - own[1]!) < Math.hypot(x - other[0]!, y - other[1]!);
  });
  expect(nearer.length).toBe(60);
  expect(umapPlane(rows.slice(0, 10))).toBeNull();
});
