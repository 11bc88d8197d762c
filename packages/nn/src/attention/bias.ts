import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** Added to a score that must not count: e^-1e9 is 0 in float32, and a row of nothing else stays finite. */
const FORBIDDEN = -1e9;

/**
 * What is added to attention scores [batch, heads, queries, keys]: 0, or -1e9 where a key is padding or later than the query.
 *
 * @param mask float32 [batch, keys], 0 where a key is padding.
 * @returns [batch, 1, 1 or queries, keys] or [1, 1, queries, queries]; undefined where nothing is forbidden.
 */
export function attentionBias(mask: Tensor | undefined, causal: boolean, queries: number): Tensor | undefined {
  const later = causal && queries > 1 ? laterKeys(queries) : undefined;
  if (mask === undefined) return later;
  const [batch, keys] = mask.shape as [number, number];
  const padded = tf.reshape(tf.mul(tf.sub(mask, 1), -FORBIDDEN), [batch, 1, 1, keys]);
  return later === undefined ? padded : tf.minimum(padded, later);
}

function laterKeys(steps: number): Tensor {
  const values = Float32Array.from({ length: steps * steps }, (_, i) => (i % steps > Math.floor(i / steps) ? FORBIDDEN : 0));
  return tf.tensor(values, [1, 1, steps, steps]);
}
