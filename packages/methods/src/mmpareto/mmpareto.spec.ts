import type { Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextOf, expectNumbers, numbers } from '../fixture/context.fixture.js';
import { integrate, type Integration } from './integration.js';
import { mmpareto } from './mmpareto.js';

const RELEASED: Integration = { gamma: 1.5, rescale: 'tensor', maxRescale: null };
const vector = (values: readonly number[]): Tree => ({ kernel: tf.tensor1d([...values]) });
const RUN = { modalities: ['audio', 'visual'], featureSizes: { audio: 2, visual: 2 }, classes: 3, epochs: 1 };

describe('integrate', () => {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each([
    { g: [1, 0], u: [-1, 2], cosine: -0.447214, weight: 0.75, result: [2.12132, 2.12132] },
    { g: [1, 0], u: [1, 1], cosine: 0.707107, weight: 0.5, result: [3, 1.5] },
    { g: [0.2, 0, 0], u: [-1, 1, 0.5], cosine: -0.666667, weight: 0.910781, result: [1.405727, 1.349498, 0.674749] },
  ])('joins $g and $u', ({ g, u, cosine, weight, result }) => {
    const joined = integrate(vector(g), vector(u), RELEASED);
    expectNumbers(joined.cosine, [cosine]);
    expectNumbers(joined.weight, [weight]);
    expectNumbers(joined.gradients['kernel']!, result, 4);
  });

  it('descends on both objectives equally where they conflict', () => {
    const [g, u] = [
      [0.2, 0, 0],
      [-1, 1, 0.5],
    ];
    const h = numbers(integrate(vector(g!), vector(u!), { ...RELEASED, gamma: 1, maxRescale: 1 }).gradients['kernel']!);
    const along = (other: readonly number[]) => other.reduce((sum, value, i) => sum + value * h[i]!, 0);
    expect(along(g!)).toBeCloseTo(0.037175, 5);
    expect(along(u!)).toBeCloseTo(0.037175, 5);
  });

  it('stays finite where the objectives oppose each other exactly', () => {
    const { gradients, weight } = integrate(vector([1, 0]), vector([-0.001, 0]), RELEASED);
    expectNumbers(weight, [0.000999]);
    expectNumbers(gradients['kernel']!, [0, 0]);
    for (const both of [integrate(vector([0, 0]), vector([0, 0]), RELEASED), integrate(vector([0, 0]), vector([1, 2]), RELEASED)]) {
      for (const value of [both.gradients['kernel']!, both.weight, both.cosine]) expect(numbers(value).every(Number.isFinite)).toBe(true);
    }
  });

  it('sends a cosine of 0 to the solver', () => {
    expectNumbers(integrate(vector([1, 0]), vector([0, 2]), RELEASED).weight, [0.8]);
  });

  it('rescales tensors by themselves or the encoder as a whole, up to a limit', () => {
    const g: Tree = { a: tf.tensor1d([1, 0]), b: tf.tensor1d([0, 0]) };
    const u: Tree = { a: tf.tensor1d([-1, 2]), b: tf.tensor1d([4, 0]) };
    // <g, u> = -1, <u, u> = 21: k = 22 / 24; h = (10/6 .., ..).
    const k = 22 / 24;
    const h = { a: [2 * k - 2 * (1 - k), 4 * (1 - k)], b: [8 * (1 - k), 0] };
    const norm = (...values: number[]) => Math.hypot(...values);
    const whole = 1.5 * Math.max(1, norm(0, 2, 4) / norm(...h.a, ...h.b));
    const joined = integrate(g, u, { ...RELEASED, rescale: 'encoder' }).gradients;
    expectNumbers(
      joined['a']!,
      h.a.map((value) => value * whole),
      4,
    );
    expectNumbers(
      joined['b']!,
      h.b.map((value) => value * whole),
      4,
    );
    const capped = integrate(g, u, { ...RELEASED, maxRescale: 2 }).gradients;
    expectNumbers(capped['b']!, [h.b[0]! * 1.5 * 2, 0], 4);
  });
});

describe('mmpareto', () => {
  const tree = (audio: number[], visual: number[], head: number[]): Tree => ({
    'encoders/audio/kernel': tf.tensor1d(audio),
    'encoders/visual/kernel': tf.tensor1d(visual),
    'fusion/kernel': tf.tensor1d(head),
  });
  const terms = () =>
    ['fused', 'unimodal/audio', 'unimodal/visual'].map((name) => ({
      name,
      kind: 'classification' as const,
      value: tf.scalar(1),
      weight: 1,
    }));

  it('joins for each encoder what reaches it, and leaves everything else', () => {
    const byLoss = {
      fused: tree([1, 0], [1, 0], [5, 6]),
      'unimodal/audio': tree([-1, 2], [0, 0], [0, 0]),
      'unimodal/visual': tree([0, 0], [1, 1], [0, 0]),
    };
    const gradients = tree([0, 2], [2, 1], [5, 6]);
    const { context, reported } = contextOf({ gradients, byLoss, terms: terms() });
    const out = mmpareto(RELEASED, RUN).gradients!(context)!;
    expectNumbers(out['encoders/audio/kernel']!, [2.12132, 2.12132], 4);
    expectNumbers(out['encoders/visual/kernel']!, [3, 1.5], 4);
    expect(out['fusion/kernel']).toBe(gradients['fusion/kernel']);
    const seen = reported();
    expectNumbers(
      ['weight/audio', 'weight/visual', 'cosine/audio', 'cosine/visual'].map((name) => seen[name]!),
      [0.75, 0.5, -0.447214, 0.707107],
    );
  });

  it('weighs terms as the row does', () => {
    const weighted = terms().map((term) => ({ ...term, weight: term.name === 'fused' ? tf.scalar(0.5) : 2 }));
    const byLoss = {
      fused: tree([2, 0], [2, 0], [5, 6]),
      'unimodal/audio': tree([-0.5, 1], [0, 0], [0, 0]),
      'unimodal/visual': tree([0, 0], [0.5, 0.5], [0, 0]),
    };
    const { context } = contextOf({ gradients: tree([0, 0], [0, 0], [5, 6]), byLoss, terms: weighted });
    expectNumbers(mmpareto(RELEASED, RUN).gradients!(context)!['encoders/visual/kernel']!, [3, 1.5], 4);
  });
});
