import type { AnyPiece, Encoder, ModalityKind, RandomStream, Scope, Tree, Variables } from '@equimodal/core';
import { RandomStream as Stream } from '@equimodal/core';
import { openScope, valueAndGradients } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

export interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** The numbers in [-1, 1) that the reference scripts make from a name: FNV-1a seeds a linear congruential generator. */
export function sequence(name: string, shape: readonly number[]): Tensor {
  let state = 2166136261;
  for (const character of name) state = Math.imul(state ^ character.charCodeAt(0), 16777619) >>> 0;
  const values = Float32Array.from({ length: shape.reduce((product, n) => product * n, 1) }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return tf.tensor(values, [...shape]);
}

/** Parameters as the reference scripts fill them: kernels within 1/2, scales around 1, the rest around 0 within 1/4. */
export function filled(params: Tree): Tree {
  return Object.fromEntries(
    Object.entries(params).map(([path, { shape }]) => {
      const values = sequence(path, shape);
      if (path.endsWith('kernel')) return [path, tf.mul(values, 0.5)];
      return [path, tf.add(tf.mul(values, 0.25), path.endsWith('scale') ? 1 : 0)];
    }),
  );
}

export function expectClose(actual: Tensor, expected: Stored, tolerance: number, what: string): void {
  expect(actual.shape, `shape of ${what}`).toEqual(expected.shape);
  const values = actual.dataSync();
  const worst = expected.data.reduce((most, value, i) => Math.max(most, Math.abs(values[i]! - value) / (1 + Math.abs(value))), 0);
  expect(Number.isNaN(worst) ? Infinity : worst, `largest relative difference of ${what}`).toBeLessThan(tolerance);
}

/** Makes an encoder from raw options, as the host does. */
export function make(piece: AnyPiece, options: object, kind: ModalityKind, shape: readonly number[]): Encoder {
  const create = piece.create as (options: unknown, context: unknown, resolver: unknown) => Encoder;
  return create(piece.options.parse(options), { modality: { name: 'm', kind, shape } }, undefined);
}

export const start = (encoder: Encoder, random: RandomStream = new Stream(1)): Variables => encoder.init(random);

/** One pass with the gradients of sum(weights * features) for all parameters. */
export function pass(
  encoder: Encoder,
  { params, state }: Variables,
  input: Tensor,
  options: { training?: boolean; weights?: Tensor; key?: Tensor } = {},
) {
  const { training = true, weights } = options;
  let shapes: number[][] = [];
  let paths: string[] = [];
  const { aux, gradients } = valueAndGradients(() => {
    const { scope, newState } = openScope({ params, state, training, ...(options.key === undefined ? {} : { key: options.key }) });
    const { features, maps } = applied(encoder, scope, input);
    shapes = maps.map((stage) => stage.shape);
    const after = newState();
    paths = Object.keys(after);
    return {
      value: tf.sum(weights === undefined ? features : tf.mul(features, weights)),
      aux: { features, ...Object.fromEntries(maps.map((stage, i) => [`stage${i}`, tf.sum(stage)])), ...after } as Record<string, Tensor>,
    };
  }, params);
  return {
    features: aux['features']!,
    stageShapes: shapes,
    stageSums: shapes.map((_, i) => aux[`stage${i}`]!.dataSync()[0]!),
    gradients,
    state: Object.fromEntries(paths.map((path) => [path, aux[path]!])) as Tree,
  };
}

/** The features, and the maps after every stage where the encoder has stages. */
function applied(encoder: Encoder, scope: Scope, input: Tensor): { features: Tensor; maps: Tensor[] } {
  if (encoder.stages === undefined) return { features: encoder.apply(scope, input).features, maps: [] };
  const { channels, run, end } = encoder.stages;
  const maps: Tensor[] = [];
  for (let stage = 1; stage <= channels.length; stage++) maps.push(run(scope, stage, maps.at(-1) ?? input));
  return { features: end(scope, maps.at(-1)!), maps };
}

export const absoluteSum = (leaf: Tensor): number => tf.sum(tf.abs(leaf)).dataSync()[0]!;

/** Asserts that an encoder drops units in training only, and by the key of the pass. */
export function expectKeyedDropout(encoder: Encoder, x: Tensor): void {
  const variables = start(encoder);
  const run = (key: [number, number] | undefined, training: boolean) => [
    ...pass(encoder, variables, x, { training, ...(key === undefined ? {} : { key: tf.tensor1d(key, 'int32') }) }).features.dataSync(),
  ];
  expect(run([1, 2], true)).toEqual(run([1, 2], true));
  expect(run([1, 2], true)).not.toEqual(run([1, 3], true));
  expect(run(undefined, false)).not.toEqual(run([1, 2], true));
}
