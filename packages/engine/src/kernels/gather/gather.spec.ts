import { expect, it } from 'vitest';
import { gatherRows } from './gather.js';

it('gathers rows in every batch and outer place', () => {
  const x = Float32Array.from({ length: 2 * 2 * 3 * 2 }, (_, i) => i);
  const out = new Float32Array(2 * 2 * 1 * 2);
  gatherRows(x, Int32Array.of(2, 0), [2, 2, 3, 2], out);
  // Batch 0 takes index 2 of each outer place, batch 1 index 0.
  expect([...out]).toEqual([4, 5, 10, 11, 12, 13, 18, 19]);
});

it('refuses an index outside', () => {
  expect(() => gatherRows(new Float32Array(6), Int32Array.of(3), [1, 1, 3, 2], new Float32Array(2))).toThrow(RangeError);
  expect(() => gatherRows(new Float32Array(6), Int32Array.of(-1), [1, 1, 3, 2], new Float32Array(2))).toThrow('index -1');
});
