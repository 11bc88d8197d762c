import type { GradientsContext, LossTerm, Tree } from '@equimodal/core';
import { crossEntropy, openScope, stepRandom } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

export type Rows = readonly (readonly number[])[];
export const matrix = (rows: Rows): Tensor => tf.tensor2d(rows.map((row) => [...row]));
export const numbers = (tensor: Tensor): number[] => [...tensor.dataSync()];

export function expectNumbers(actual: Tensor | readonly number[], expected: readonly number[], digits = 5): void {
  const values = actual instanceof tf.Tensor ? numbers(actual) : (actual as readonly number[]);
  expect(values).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(values[i], `number ${i}`).toBeCloseTo(value, digits);
}

/** Four samples, three classes, unimodal logits of two modalities that add up to the fused ones. */
export const LABELS = [0, 1, 2, 1];
export const Z_AUDIO: Rows = [
  [1.85, -0.5, -2.1],
  [-0.15, 1.25, -0.6],
  [-1.15, 1, 0.9],
  [-0.4, 1, -0.1],
];
export const Z_VISUAL: Rows = [
  [0.35, 0.1, -0.25],
  [0.15, 0.15, 0],
  [0, 0.2, 0.2],
  [0.25, -0.05, -0.3],
];

/** What a context is made from; everything has a default. */
export interface ContextParts {
  readonly unimodal?: Readonly<Record<string, Rows>>;
  readonly params?: Tree;
  readonly gradients?: Tree;
  readonly active?: number;
  readonly terms?: readonly LossTerm[];
  readonly key?: readonly [number, number];
}

/** A hand-made context of the in-step hooks, and what a hook reports through it. */
export function contextOf({ active = 1, key = [3, 4], ...parts }: ContextParts = {}) {
  const unimodalRows = parts.unimodal ?? { audio: Z_AUDIO, visual: Z_VISUAL };
  const unimodal = Object.fromEntries(Object.entries(unimodalRows).map(([name, rows]) => [name, matrix(rows)]));
  const labels = tf.tensor1d(LABELS, 'int32');
  const gradients = parts.gradients ?? {};
  const params = parts.params ?? gradients;
  const fused = { logits: tf.addN(Object.values(unimodal)), unimodal };
  const reports: Record<string, Tensor> = {};
  const context: GradientsContext = {
    modalities: Object.keys(unimodal),
    classes: 3,
    labels,
    stage: 'step',
    phase: '',
    controls: { active: tf.scalar(active) },
    scope: openScope({ params, state: {}, training: true }).scope,
    params,
    random: stepRandom(tf.tensor1d([...key], 'int32'), 'methods/tried/gradients'),
    memory: {
      get: (name) => expect.fail(`no memory "${name}"`),
      set: (name) => expect.fail(`no memory "${name}"`),
    },
    report: (name, value) => void (reports[name] = value),
    features: {},
    fused,
    forward: () => fused,
    terms: parts.terms ?? [],
    classification: (logits) => crossEntropy(logits, labels),
    gradients,
    byLoss: {},
  };
  return {
    context,
    reported: () => Object.fromEntries(Object.entries(reports).map(([name, value]) => [name, numbers(value)[0]!])),
  };
}
