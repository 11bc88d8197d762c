import type { AnyPiece, ModalityKind, Tree, WeightName } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { absoluteSum, expectClose, make, pass, sequence, start, type Stored } from '../input/parity.fixture.js';

/** What a published model of small size said, its tensors filled with the sequences of their names. */
export interface Published {
  /** Every tensor of the weight file, with its shape. */
  readonly tensors: Readonly<Record<string, readonly number[]>>;
  readonly cases: Readonly<Record<string, PublishedCase>>;
}

interface PublishedCase {
  readonly options: object;
  /** Token ids; absent for images, which are the sequence `input`. */
  readonly ids?: readonly number[][];
  readonly features: Stored;
  /** Sums of the absolute gradients, by tensor; tensors that the features do not depend on have none. */
  readonly gradientSums: Readonly<Record<string, number>>;
}

const AXES: Readonly<Record<WeightName['layout'], readonly number[] | undefined>> = {
  'as-is': undefined,
  linear: [1, 0],
  conv2d: [2, 3, 1, 0],
  conv3d: [2, 3, 4, 1, 0],
};

/** Our parameters from a weight file whose tensors are sequences: within 1/4, scales of norms around 1. */
function loaded(names: readonly WeightName[], tensors: Published['tensors']): Tree {
  return Object.fromEntries(
    names.map(({ path, tensor, layout }) => {
      const values = tf.mul(sequence(tensor, tensors[tensor]!), 0.25);
      const axes = AXES[layout];
      const laid = axes === undefined ? values : tf.transpose(values, [...axes]);
      return [path, path.endsWith('scale') ? tf.add(laid, 1) : laid];
    }),
  );
}

/** Holds an encoder to a published model: its names, its features and its gradients. Call it inside a describe. */
export function describePublished(piece: AnyPiece, fixture: Published, kind: ModalityKind, shape: readonly number[]): void {
  beforeAll(async () => {
    await startTestEngine();
  });

  it.each(Object.entries(fixture.cases))('agrees with the published model, forward and backward: %s', (_name, c) => {
    const encoder = make(piece, c.options, kind, c.ids === undefined ? shape : [c.ids[0]!.length]);
    const names = encoder.names!;
    const params = loaded(names, fixture.tensors);
    const { params: own, state } = start(encoder);
    expect(Object.fromEntries(Object.entries(params).map(([path, leaf]) => [path, leaf.shape]))).toEqual(
      Object.fromEntries(Object.entries(own).map(([path, leaf]) => [path, leaf.shape])),
    );
    const input: Tensor =
      c.ids === undefined
        ? sequence('input', [2, ...shape])
        : tf.tensor2d(
            c.ids.map((row) => [...row]),
            undefined,
            'int32',
          );
    const result = pass(encoder, { params, state }, input, { weights: sequence('weights', c.features.shape) });
    expectClose(result.features, c.features, 1e-5, 'features');
    for (const { path, tensor } of names) {
      const sum = c.gradientSums[tensor] ?? 0;
      expect(Math.abs(absoluteSum(result.gradients[path]!) - sum) / (1 + sum), tensor).toBeLessThan(1e-4);
    }
  });

  it('has a name for every tensor of the published model, each once', () => {
    const [c] = Object.values(fixture.cases);
    const names = make(piece, c!.options, kind, c!.ids === undefined ? shape : [c!.ids[0]!.length]).names!;
    expect(names.map(({ tensor }) => tensor).sort()).toEqual(Object.keys(fixture.tensors).sort());
    expect(new Set(names.map(({ path }) => path)).size).toBe(names.length);
  });

  it('names its layers so that each parameter is in exactly one', () => {
    const [c] = Object.values(fixture.cases);
    const encoder = make(piece, c!.options, kind, c!.ids === undefined ? shape : [c!.ids[0]!.length]);
    for (const path of Object.keys(start(encoder).params)) {
      expect(
        encoder.layers!.flat().filter((prefix) => path.startsWith(`${prefix}/`)),
        path,
      ).toHaveLength(1);
    }
  });
}
