import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** Arguments are moved up by so much, where the asymptotic series are exact to float32. */
const SHIFT = 6;
const shifts = Array.from({ length: SHIFT }, (_, i) => i);

/**
 * Digamma psi(x) = d ln Gamma(x) / dx for x > 0, element-wise: psi(x) = psi(x + 6) - sum_(i<6) 1 / (x + i), and the asymptotic
 * series of psi(x + 6). Differentiable.
 *
 * Source: Abramowitz and Stegun, 6.3.5 and 6.3.18.
 */
export function digamma(x: Tensor): Tensor {
  const y = tf.add(x, SHIFT);
  const r = tf.reciprocal(y);
  const r2 = tf.square(r);
  // 1/12 y^-2 - 1/120 y^-4 + 1/252 y^-6
  const series = tf.mul(r2, tf.sub(1 / 12, tf.mul(r2, tf.sub(1 / 120, tf.div(r2, 252)))));
  const large = tf.sub(tf.log(y), tf.add(tf.mul(r, 0.5), series));
  return tf.sub(large, tf.addN(shifts.map((i) => tf.reciprocal(tf.add(x, i)))));
}

/**
 * ln Gamma(x) for x > 0, element-wise: ln Gamma(x) = ln Gamma(x + 6) - sum_(i<6) ln(x + i), and Stirling's series of
 * ln Gamma(x + 6). Differentiable.
 *
 * Source: Abramowitz and Stegun, 6.1.15 and 6.1.41.
 */
export function logGamma(x: Tensor): Tensor {
  const y = tf.add(x, SHIFT);
  const r = tf.reciprocal(y);
  const r2 = tf.square(r);
  // 1/12 y^-1 - 1/360 y^-3 + 1/1260 y^-5
  const series = tf.mul(r, tf.sub(1 / 12, tf.mul(r2, tf.sub(1 / 360, tf.div(r2, 1260)))));
  const large = tf.addN([tf.mul(tf.sub(y, 0.5), tf.log(y)), tf.neg(y), series]);
  const product = tf.addN(shifts.map((i) => tf.log(tf.add(x, i))));
  return tf.add(tf.sub(large, product), 0.5 * Math.log(2 * Math.PI));
}
