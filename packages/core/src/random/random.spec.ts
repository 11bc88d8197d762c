import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashKey, RandomStream } from './random.js';

describe('RandomStream', () => {
  it('gives the same numbers for the same seed and path, in every process', () => {
    const numbers = (seed: number, path: string) =>
      Array.from(
        { length: 4 },
        (
          (s) => () =>
            s.uniform()
        )(new RandomStream(seed).at(path)),
      );
    expect(numbers(7, 'init')).toEqual(numbers(7, 'init'));
    expect(numbers(7, 'init')).not.toEqual(numbers(8, 'init'));
    expect(numbers(7, 'init')).not.toEqual(numbers(7, 'shuffle'));
  });

  it('does not depend on what other streams draw', () => {
    const root = new RandomStream(1);
    const first = root.at('a').uniform();
    const other = new RandomStream(1);
    other.at('b').uniform();
    expect(other.at('a').uniform()).toBe(first);
  });

  it('is uniform and normal in its first moments', () => {
    const stream = new RandomStream(3).at('moments');
    const n = 20_000;
    const uniform = Array.from({ length: n }, () => stream.uniform());
    const normal = Array.from({ length: n }, () => stream.normal());
    const mean = (xs: number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;
    expect(mean(uniform)).toBeCloseTo(0.5, 1);
    expect(mean(uniform.map((u) => (u - 0.5) ** 2))).toBeCloseTo(1 / 12, 2);
    expect(Math.abs(mean(normal))).toBeLessThan(0.03);
    expect(mean(normal.map((x) => x * x))).toBeCloseTo(1, 1);
  });

  it('permutes: every index once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.integer(), (n, seed) => {
        const order = new RandomStream(seed).permutation(n);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });

  it('hashes to 32 bits and separates near names', () => {
    const names = Array.from({ length: 2000 }, (_, i) => `encoders/audio/layer${i}`);
    expect(new Set(names.map((name) => hashKey(name))).size).toBe(names.length);
  });
});
