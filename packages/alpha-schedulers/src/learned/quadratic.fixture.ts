import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { BilevelProblem, Tree } from '@equimodal/core';
import { hessianVectorProduct } from '@equimodal/nn';

export type Matrix = readonly (readonly number[])[];
export type Vector = readonly number[];

/** 1/2 (theta - center)' curvature (theta - center). */
export interface Quadratic {
  readonly curvature: Matrix;
  readonly center: Vector;
}

/** L_cls and L_align of the inner problem, L_cls of the outer one. */
export interface Bilevel {
  readonly classification: Quadratic;
  readonly alignment: Quadratic;
  readonly outer: Quadratic;
}

// Linear algebra of its own, in double precision, so that nothing under test checks itself.
export const times = (a: Matrix, x: Vector): number[] => a.map((row) => row.reduce((sum, value, j) => sum + value * x[j]!, 0));
export const dot = (x: Vector, y: Vector): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
export const mix = (a: Matrix, b: Matrix, alpha: number): number[][] =>
  a.map((row, i) => row.map((value, j) => (1 - alpha) * value + alpha * b[i]![j]!));
export const plusDiagonal = (a: Matrix, value: number): number[][] =>
  a.map((row, i) => row.map((entry, j) => entry + (i === j ? value : 0)));

/** A x = b by Gaussian elimination with row exchanges. */
export function solveDirect(a: Matrix, b: Vector): number[] {
  const n = b.length;
  const rows = a.map((row, i) => [...row, b[i]!]);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i]![k]! / rows[k]![k]!;
      for (let j = k; j <= n; j++) rows[i]![j]! -= factor * rows[k]![j]!;
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = rows[i]![n]!;
    for (let j = i + 1; j < n; j++) sum -= rows[i]![j]! * x[j]!;
    x[i] = sum / rows[i]![i]!;
  }
  return x;
}

export const gradientOf = ({ curvature, center }: Quadratic, theta: Vector): number[] =>
  times(
    curvature,
    theta.map((value, i) => value - center[i]!),
  );
export const valueOf = (quadratic: Quadratic, theta: Vector): number =>
  dot(
    theta.map((value, i) => value - quadratic.center[i]!),
    gradientOf(quadratic, theta),
  ) / 2;

/** The minimiser of (1 - alpha) L_cls + alpha L_align, in closed form. */
export function minimiser({ classification: c, alignment: a }: Bilevel, alpha: number): number[] {
  const [fromC, fromA] = [times(c.curvature, c.center), times(a.curvature, a.center)];
  return solveDirect(
    mix(c.curvature, a.curvature, alpha),
    fromC.map((value, i) => (1 - alpha) * value + alpha * fromA[i]!),
  );
}

/** A vector of six as a tree of a 2x2 and a 1-D leaf, and back. */
export function toTree(x: Vector): Tree {
  return { 'encoders/a/kernel': tf.tensor2d(x.slice(0, 4), [2, 2]), 'head/bias': tf.tensor1d(x.slice(4)) };
}
export function toVector(tree: Tree): number[] {
  return Object.values(tree).flatMap((leaf) => Array.from(leaf.dataSync()));
}

function flat(tree: Tree): Tensor {
  return tf.concat(Object.values(tree).map((leaf) => tf.reshape(leaf, [-1, 1])));
}

/** The gradient of a quadratic at a tree, computed in float32 by the tensor library. */
function gradientTree({ curvature, center }: Quadratic, params: Tree): Tree {
  return tf.tidy(() => {
    const difference = tf.sub(flat(params), tf.tensor2d([...center], [center.length, 1]));
    const gradient = tf.matMul(tf.tensor2d(curvature.map((row) => [...row])), difference);
    return {
      'encoders/a/kernel': tf.reshape(tf.slice(gradient, [0, 0], [4, 1]), [2, 2]),
      'head/bias': tf.reshape(tf.slice(gradient, [4, 0], [2, 1]), [2]),
    };
  });
}

/** The bilevel problem of three quadratics at given parameters, with the number of backward passes it was asked for. */
export function bilevelProblem(bilevel: Bilevel, params: Tree): BilevelProblem & { passes: number } {
  const { classification, alignment, outer } = bilevel;
  const problem = {
    params,
    weightDecay: 0,
    passes: 0,
    inner: (at: Tree) => {
      problem.passes += 2;
      const theta = toVector(at);
      return {
        classification: gradientTree(classification, at),
        alignment: gradientTree(alignment, at),
        losses: { classification: valueOf(classification, theta), alignment: valueOf(alignment, theta) },
      };
    },
    total: (at: Tree, alpha: number) => {
      problem.passes += 1;
      return tf.tidy(() => {
        const [c, a] = [gradientTree(classification, at), gradientTree(alignment, at)];
        return Object.fromEntries(Object.keys(at).map((path) => [path, tf.add(tf.mul(c[path]!, 1 - alpha), tf.mul(a[path]!, alpha))]));
      });
    },
    product: (direction: Tree, { alpha, distance, from }: { alpha: number; distance: number; from?: Tree }) =>
      tf.tidy(() => hessianVectorProduct((at) => problem.total(at, alpha), params, direction, distance, from) as Record<string, Tensor>),
    paths: Object.keys(params),
    leaf: (tree: Tree, path: string) => tf.clone(tree[path]!),
    outer: (at: Tree) => {
      problem.passes += 1;
      return { classification: gradientTree(outer, at), loss: valueOf(outer, toVector(at)) };
    },
  };
  return problem;
}

/** A symmetric positive definite matrix B B' / n + floor I from a fixed sequence of numbers. */
export function positiveDefinite(n: number, seed: number, floor: number): number[][] {
  const b = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Math.sin(seed + 7.3 * i + 3.1 * j * (i + 1))));
  return plusDiagonal(
    b.map((row) => b.map((other) => dot(row, other) / n)),
    floor,
  );
}

export const vector = (n: number, seed: number): number[] => Array.from({ length: n }, (_, i) => Math.cos(seed + 2.7 * i));
