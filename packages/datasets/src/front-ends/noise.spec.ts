import { RandomStream } from '@equimodal/core';
import { expect, it } from 'vitest';
import { gaussianSource, noiseDeviation, power } from './noise.js';

it('draws standard normal numbers, the same for the same stream', () => {
  const draw = (): Float64Array => {
    const next = gaussianSource(new RandomStream(3, '/noise'));
    return Float64Array.from({ length: 100_000 }, next);
  };
  const values = draw();
  expect(draw()).toEqual(values);
  const moment = (order: number): number => values.reduce((sum, value) => sum + value ** order, 0) / values.length;
  expect(Math.abs(moment(1))).toBeLessThan(0.012);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(0.02);
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.15);
  expect(values.filter((value) => Math.abs(value) < 1).length / values.length).toBeCloseTo(0.6827, 2);
});

it('stands the asked number of dB below the signal', () => {
  expect(noiseDeviation(power(Float64Array.from([3, -3])), 0)).toBe(3);
  expect(noiseDeviation(2, 10) ** 2).toBeCloseTo(0.2, 12);
  expect(noiseDeviation(2, -10) ** 2).toBeCloseTo(20, 12);
});
