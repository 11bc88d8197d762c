import * as tf from '@tensorflow/tfjs-core';
import { RandomStream, type Tree } from '@equimodal/core';
import { disposeTree, mapTree, valueAndGradients } from '@equimodal/nn';
import { expect } from '../runner/runner.js';

/** A float32 tensor of normal numbers, the same for the same name. */
export function normal(shape: readonly number[], name: string): tf.Tensor {
  const random = new RandomStream(23, name);
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    [...shape],
  );
}

/** Labels 0, 1, 2, 0, ...; from another first one with `from`. */
export function labels(size: number, classes: number, from = 0): tf.Tensor {
  return tf.tensor1d(
    Int32Array.from({ length: size }, (_, i) => (i + from) % classes),
    'int32',
  );
}

/** A state moved up by some positive numbers, other ones for each call; the tree that is given ends here. */
export function moved(state: Tree, call: number): Tree {
  const away = (leaf: tf.Tensor, path: string): tf.Tensor =>
    tf.tidy(() => tf.add(leaf, tf.cast(tf.abs(normal(leaf.shape, `${path} ${call}`)), leaf.dtype)));
  const result = mapTree(state, away);
  disposeTree(state);
  return result;
}

/** Asserts that the work leaves as many tensors as it found. */
export function expectNoLeak(work: () => void): void {
  work(); // first calls may upload constants
  const before = tf.memory().numTensors;
  work();
  expect(tf.memory().numTensors, 'tensors left behind').toBe(before);
}

/** Asserts that every number of a tensor is finite. */
export function expectFinite(tensor: tf.Tensor, what: string): void {
  const values = tensor.dataSync();
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) throw new Error(`${what}[${i}] is ${values[i]}`);
}

/**
 * Asserts the gradient of a scalar function of a tree against central differences along random directions.
 *
 * @param tolerance relative to 1 + |derivative|; float32 differences are good to about a hundredth.
 */
export function expectGradient(value: (tree: Tree) => tf.Tensor, at: Tree, tolerance = 0.02): void {
  for (let trial = 0; trial < 2; trial++) {
    tf.tidy(() => {
      const direction = mapTree(at, (leaf, path) =>
        tf.mul(normal(leaf.shape, `direction ${trial} ${path}`), 1 / Math.sqrt(Math.max(1, leaf.size))),
      );
      const { gradients } = valueAndGradients(() => ({ value: value(at), aux: {} }), at);
      const analytic = Object.keys(at).reduce((sum, path) => sum + tf.sum(tf.mul(gradients[path]!, direction[path]!)).dataSync()[0]!, 0);
      const along = (epsilon: number): number =>
        value(mapTree(at, (leaf, path) => tf.add(leaf, tf.mul(direction[path]!, epsilon)))).dataSync()[0]!;
      // Two step sizes: a kink (ReLU) or rounding spoils one of them, seldom both.
      const errors = [1e-2, 2e-3].map((epsilon) => Math.abs((along(epsilon) - along(-epsilon)) / (2 * epsilon) - analytic));
      expect(Math.min(...errors), `gradient ${analytic} against finite differences`).toBeLessThan(tolerance * (1 + Math.abs(analytic)));
    });
  }
}

/** Values of a tree as plain numbers, for equality checks; the tree is disposed. */
export function takeValues(tree: Tree): Record<string, number[]> {
  const values = Object.fromEntries(Object.entries(tree).map(([path, leaf]) => [path, [...leaf.dataSync()]]));
  disposeTree(tree);
  return values;
}
