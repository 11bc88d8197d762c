import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkRange, checkShape } from '../layer/check.js';
import { logSumExp, shifted } from '../softmax/softmax.js';

export interface CrossEntropyOptions {
  /** Label smoothing in [0, 1): the target is (1 - smoothing) one-hot + smoothing / classes, PyTorch's meaning. Default 0. */
  readonly smoothing?: number;
  /** float32 [batch]: the loss is then sum(w l) / sum(w), and 0 when all weights are 0. */
  readonly sampleWeights?: Tensor | undefined;
}

/** Keeps the weighted mean defined when all weights are 0; too small to change any other. */
const TINY = 1e-12;

/**
 * Mean over the batch of -sum_k target_k log softmax(logits)_k.
 *
 * @param logits float32 [batch, classes]
 * @param labels int32 [batch], class indices
 * @returns a scalar in nats
 * @throws EQM_PLUGIN_FAULT when the labels or weights are not [batch] or the smoothing is not in [0, 1).
 */
export function crossEntropy(logits: Tensor, labels: Tensor, { smoothing = 0, sampleWeights }: CrossEntropyOptions = {}): Tensor {
  checkShape(logits, [null, null], 'crossEntropy logits');
  checkRange(smoothing, 0, 1, 'smoothing', 'crossEntropy');
  const [batch, classes] = logits.shape as [number, number];
  checkShape(labels, [batch], 'crossEntropy labels');
  const safe = shifted(logits);
  const normalizer = logSumExp(safe);
  // The targets of a row sum to one, so -sum target log p = log sum e^x - sum target x.
  // WebAssembly fills a float32 one-hot with integers: make it int32, then cast.
  const oneHot = tf.cast(tf.oneHot(labels as Tensor1D, classes), 'float32');
  if (sampleWeights === undefined) {
    return tf.mul(
      tf.sub(
        tf.sum(normalizer),
        expected(oneHot, safe, smoothing, (x) => tf.sum(x)),
      ),
      1 / batch,
    );
  }
  checkShape(sampleWeights, [batch], 'crossEntropy sampleWeights');
  const weights = tf.reshape(sampleWeights, [batch, 1]);
  const rows = tf.sub(
    normalizer,
    expected(oneHot, safe, smoothing, (x) => tf.sum(x, -1, true)),
  );
  return tf.div(tf.sum(tf.mul(rows, weights)), tf.add(tf.sum(weights), TINY));
}

/** Sum of target times logit, over what `sum` reduces; smoothing is applied after the sums, where there is little left to do. */
function expected(oneHot: Tensor, logits: Tensor, smoothing: number, sum: (x: Tensor) => Tensor): Tensor {
  const labelled = sum(tf.mul(oneHot, logits));
  if (smoothing === 0) return labelled;
  return tf.add(tf.mul(labelled, 1 - smoothing), tf.mul(sum(logits), smoothing / logits.shape[1]!));
}
