import { RandomStream } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  fans,
  kaimingNormal,
  kaimingUniform,
  normal,
  ones,
  uniform,
  xavierNormal,
  xavierUniform,
  zeros,
  type Initialiser,
} from './initialisers.js';

const conv = [3, 3, 16, 32];
const draw = (initialiser: Initialiser, shape: readonly number[] = conv, seed = 3) => [
  ...initialiser(new RandomStream(seed), shape).dataSync(),
];
const deviation = (values: number[]) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

describe('initialisers', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it('counts fans of linear, convolution and vector shapes', () => {
    expect(fans([5, 7])).toEqual({ fanIn: 5, fanOut: 7 });
    expect(fans(conv)).toEqual({ fanIn: 144, fanOut: 288 });
    expect(fans([4])).toEqual({ fanIn: 4, fanOut: 4 });
  });

  // 4,608 draws: the deviation of a normal sample is known to 1 / sqrt(2 n) = 1.04 %; four of those are allowed.
  it.each([
    ['kaiming normal, fan-out', kaimingNormal(), Math.sqrt(2 / 288)],
    ['kaiming normal, fan-in', kaimingNormal({ mode: 'fan-in' }), Math.sqrt(2 / 144)],
    ['kaiming normal, leaky', kaimingNormal({ negativeSlope: 1 }), Math.sqrt(1 / 288)],
    ['xavier normal', xavierNormal(), Math.sqrt(2 / (144 + 288))],
    ['normal', normal(0.3), 0.3],
  ])('%s has the right deviation', (_name, initialiser, expected) => {
    const values = draw(initialiser);
    expect(Math.abs(deviation(values) / expected - 1)).toBeLessThan(0.042);
    expect(Math.abs(values.reduce((s, v) => s + v, 0) / values.length)).toBeLessThan((4 * expected) / Math.sqrt(values.length));
    // A normal sample of this size has values beyond three deviations; a uniform one would not.
    expect(Math.max(...values)).toBeGreaterThan(3 * expected);
  });

  it.each([
    ['kaiming uniform, as PyTorch starts linear and convolution layers', kaimingUniform(), 1 / Math.sqrt(144)],
    ['kaiming uniform, ReLU', kaimingUniform({ negativeSlope: 0, mode: 'fan-out' }), Math.sqrt(6 / 288)],
    ['xavier uniform', xavierUniform(), Math.sqrt(6 / (144 + 288))],
    ['uniform', uniform(0.3), 0.3],
  ])('%s fills its interval', (_name, initialiser, bound) => {
    const values = draw(initialiser);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(bound * (1 + 1e-6));
    expect(Math.max(...values)).toBeGreaterThan(0.99 * bound);
    expect(Math.min(...values)).toBeLessThan(-0.99 * bound);
    expect(Math.abs(deviation(values) / (bound / Math.sqrt(3)) - 1)).toBeLessThan(0.042);
  });

  it('depends on the stream only', () => {
    expect(draw(kaimingNormal(), [4, 3])).toEqual(draw(kaimingNormal(), [4, 3]));
    expect(draw(kaimingNormal(), [4, 3])).not.toEqual(draw(kaimingNormal(), [4, 3], 4));
    expect(draw(normal(1), [3])).toHaveLength(3);
  });

  it('makes constants', () => {
    expect(draw(zeros, [2])).toEqual([0, 0]);
    expect(draw(ones, [2, 1])).toEqual([1, 1]);
  });
});
