import type { Tree } from '@equimodal/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** What the rescaling looks at: each tensor by itself, as released code does, or the encoder's gradient as one vector. */
export type ParetoRescale = 'tensor' | 'encoder';

/** Below this share of the sum of both gradients the direction is rounding, and is not lengthened. */
const SMALLEST_SHARE = 1e-6;
/** Keeps divisions by lengths finite; single precision holds it. */
const TINY = 1e-30;
/** Where the solver puts the weight when one gradient alone has the smallest norm. */
const NEARLY_ALL = 0.999;

/**
 * Weight of the joint gradient g in k g + (1 - k) u, scalar: 1/2 where <g, u> > 0, else that of the shortest vector between g and u.
 *
 * @param gg <g, g>, scalar
 * @param gu <g, u>
 * @param uu <u, u>
 */
export function paretoWeight(gg: Tensor, gu: Tensor, uu: Tensor): Tensor {
  const spread = tf.sub(tf.add(gg, uu), tf.mul(2, gu));
  const inner = tf.div(tf.sub(uu, gu), tf.maximum(spread, TINY));
  const solved = tf.where(tf.greaterEqual(gu, gg), NEARLY_ALL, tf.where(tf.greaterEqual(gu, uu), 1 - NEARLY_ALL, inner));
  return tf.where(tf.greater(gu, 0), 0.5, solved);
}

/** Options of `integrate`. */
export interface Integration {
  /** Factor on what comes out; 1.5 in released code. */
  readonly gamma: number;
  readonly rescale: ParetoRescale;
  /** Largest factor of the rescaling; null: none. */
  readonly maxRescale: number | null;
}

/**
 * Joins the gradients of the joint loss (g) and of the modality's own loss (u) with respect to one encoder:
 *
 *     h = 2 k g + 2 (1 - k) u,  gradient = gamma max(1, |g + u| / |h|) h
 *
 * Where g and u oppose each other exactly h is 0 but for rounding, and stays as it is.
 *
 * @returns the gradient by path; the weight k of g and the cosine of g and u, scalars
 */
export function integrate(
  g: Tree,
  u: Tree,
  { gamma, rescale, maxRescale }: Integration,
): { gradients: Tree; weight: Tensor; cosine: Tensor } {
  const paths = Object.keys(g);
  const over = (value: (path: string) => Tensor): Tensor => tf.addN(paths.map(value));
  const dot = (a: Tree, b: Tree): Tensor => over((path) => tf.sum(tf.mul(a[path]!, b[path]!)));
  const [gg, gu, uu] = [dot(g, g), dot(g, u), dot(u, u)];
  const weight = paretoWeight(gg, gu, uu);
  const joined = Object.fromEntries(
    paths.map((path) => [path, tf.mul(2, tf.add(tf.mul(weight, g[path]!), tf.mul(tf.sub(1, weight), u[path]!)))]),
  );
  const squares = (path: string) => ({
    sum: tf.sum(tf.square(tf.add(g[path]!, u[path]!))),
    joined: tf.sum(tf.square(joined[path]!)),
  });
  const factor = (sum: Tensor, own: Tensor): Tensor => {
    const [wanted, length] = [tf.sqrt(sum), tf.sqrt(own)];
    const real = tf.greater(length, tf.mul(wanted, SMALLEST_SHARE));
    const ratio = tf.maximum(1, tf.div(wanted, tf.where(real, length, 1)));
    const capped = maxRescale === null ? ratio : tf.minimum(ratio, maxRescale);
    return tf.mul(gamma, tf.where(real, capped, 1));
  };
  const whole =
    rescale === 'tensor'
      ? undefined
      : factor(
          over((path) => squares(path).sum),
          over((path) => squares(path).joined),
        );
  const gradients = Object.fromEntries(
    paths.map((path) => {
      const own = squares(path);
      return [path, tf.mul(joined[path]!, whole ?? factor(own.sum, own.joined))];
    }),
  );
  return { gradients, weight, cosine: tf.div(gu, tf.maximum(tf.mul(tf.sqrt(gg), tf.sqrt(uu)), TINY)) };
}
