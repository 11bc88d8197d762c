import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** How the projector of the shared head's gradient is updated. */
export type MlaProjection = 'none' | 'rls' | 'literal';

/**
 * One recursive least-squares update of the projector with the mean feature r:
 *
 *     q = P r / (alpha + r' P r),  P <- P - q (P r)'
 *
 * P stays symmetric and positive semi-definite, and P r shrinks by alpha / (alpha + r' P r): gradients along features seen before fade.
 *
 * `literal` is the rule as the released code writes it: the outer product of P r divided, element by element, by alpha + (P r) r'. It is
 * no projector.
 *
 * @param projector P, [size, size]
 * @param feature r, [size]
 * @param alpha scalar
 * @param renormalise divide by the Frobenius norm, as the released code does every time
 */
export function updateProjector(
  projector: Tensor,
  feature: Tensor,
  alpha: Tensor,
  form: Exclude<MlaProjection, 'none'>,
  renormalise: boolean,
): Tensor {
  const size = projector.shape[0]!;
  const row = tf.reshape(feature, [1, size]);
  const seen = tf.matMul(projector, tf.reshape(feature, [size, 1]));
  const outer = tf.matMul(seen, tf.reshape(seen, [1, size]));
  const divisor = form === 'rls' ? tf.add(alpha, tf.sum(tf.matMul(row, seen))) : tf.add(alpha, tf.matMul(seen, row));
  const next = tf.sub(projector, tf.div(outer, divisor));
  return renormalise ? tf.div(next, tf.sqrt(tf.sum(tf.square(next)))) : next;
}

/** Gradient of a kernel [size, classes] seen through the projector: P G. */
export function projected(projector: Tensor, gradient: Tensor): Tensor {
  return tf.matMul(projector, gradient);
}
