import { describe, expect, it } from 'vitest';
import { bytesAt, doublesAt, integersAt, keep, kernels, scratch } from './kernels.js';

describe('memory of the kernels', () => {
  it('has areas that do not overlap, with 64 bytes behind each', () => {
    const [a, b, c] = scratch(1, 0, 1000) as [number, number, number];
    expect(b - a).toBeGreaterThanOrEqual(65);
    expect(c - b).toBeGreaterThanOrEqual(64);
    expect([a, b, c].map((at) => at % 64)).toEqual([0, 0, 0]);
    expect(kernels.memory.buffer.byteLength).toBeGreaterThanOrEqual(c + 1064);
  });

  it('keeps what was kept, however it grows', () => {
    const [old] = scratch(64) as [number];
    bytesAt(old, 64).fill(7);
    const kept = keep(64);
    expect(kept).toBe(old);
    expect([...doublesAt(kept, 8)]).toEqual(new Array(8).fill(0));
    integersAt(kept, 2).set([3, 4]);
    const large = 2 * kernels.memory.buffer.byteLength;
    const [next] = scratch(large) as [number];
    expect(next).toBeGreaterThanOrEqual(kept + 128);
    bytesAt(next, large).fill(1);
    expect([...integersAt(kept, 2)]).toEqual([3, 4]);
  });
});
