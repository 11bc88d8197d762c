import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { RandomStream, type Bundle, type Program, type Tree } from '@equimodal/core';
import { startTestEngine } from '@equimodal/engine';
import { expect } from 'vitest';
import { valueAndGradients } from '../autodiff/autodiff.js';
import { expectClose } from './parity.fixture.js';

/** Normal numbers of a seed. */
export function normals(shape: readonly number[], seed: number): Tensor {
  const random = new RandomStream(seed);
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((product, n) => product * n, 1) }, () => random.normal()),
    [...shape],
  );
}

/** Asserts that the gradients of sum(weights * fn(tree)) agree with central differences, number by number. */
export function expectDifferences(fn: (tree: Tree) => Tensor, at: Tree, { step = 1e-2, tolerance = 5e-3 } = {}): void {
  tf.tidy(() => {
    const weights = normals(fn(at).shape, 99);
    const { gradients } = valueAndGradients(() => ({ value: tf.sum(tf.mul(fn(at), weights)), aux: {} }), at);
    const w = weights.dataSync();
    for (const [path, leaf] of Object.entries(at)) {
      const values = Float32Array.from(leaf.dataSync());
      // The difference is taken of the outputs, in double precision, not of their float32 sum.
      const outputs = (i: number, value: number): Float32Array => {
        const moved = values.slice();
        moved[i] = value;
        return Float32Array.from(fn({ ...at, [path]: tf.tensor(moved, leaf.shape) }).dataSync());
      };
      const data = Array.from(values, (value, i) => {
        const [above, below] = [outputs(i, value + step), outputs(i, value - step)];
        return above.reduce((sum, v, j) => sum + w[j]! * (v - below[j]!), 0) / (2 * step);
      });
      expectClose(gradients[path]!, { shape: leaf.shape, data }, tolerance, `of ${path} and its differences`);
    }
  });
}

/** Asserts that a program gives the same compiled (where the engine captures: replayed as a graph) and as a plain call, without a warning. */
export async function expectAgreement(program: Program, inputs: (call: number) => Bundle): Promise<void> {
  const warnings: string[] = [];
  const compiled = (await startTestEngine()).compile(program, { onWarning: (message) => warnings.push(message) });
  for (let call = 1; call <= 5; call++) {
    tf.tidy(() => {
      const given = inputs(call);
      const [replayed, eager] = [compiled(given), program.run(given)];
      for (const [name, tree] of Object.entries(eager)) {
        for (const [path, leaf] of Object.entries(tree)) {
          expectClose(
            replayed[name]![path]!,
            { shape: leaf.shape, data: [...leaf.dataSync()] },
            2e-5,
            `of ${name}/${path} in call ${call}`,
          );
        }
      }
    });
  }
  compiled.dispose();
  expect(warnings).toEqual([]);
}
