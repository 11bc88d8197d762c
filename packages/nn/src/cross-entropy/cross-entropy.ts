import type { Tensor } from '@tensorflow/tfjs-core';
import { labelCrossEntropy } from '@equimodal/engine';
import { checkRange, checkShape } from '../layer/check.js';
import { weightedMean } from '../weighted-mean/weighted-mean.js';

export interface CrossEntropyOptions {
  /** Label smoothing in [0, 1]: the target is (1 - smoothing) one-hot + smoothing / classes, PyTorch's meaning. Default 0. */
  readonly smoothing?: number;
  /** float32 [batch]: the loss is then sum(w l) / sum(w), and 0 when all weights are 0. */
  readonly sampleWeights?: Tensor | undefined;
}

/**
 * Mean over the batch of -sum_k target_k log softmax(logits)_k.
 *
 * First-order differentiable in the logits and the weights. A gradient of that gradient is refused: take differences of gradients.
 *
 * @param logits float32 [batch, classes]
 * @param labels int32 [batch], class indices
 * @returns a scalar in nats
 * @throws EQM_PLUGIN_FAULT when the labels or weights are not [batch] or the smoothing is not in [0, 1].
 */
export function crossEntropy(logits: Tensor, labels: Tensor, { smoothing = 0, sampleWeights }: CrossEntropyOptions = {}): Tensor {
  checkShape(logits, [null, null], 'crossEntropy logits');
  checkRange(smoothing, 0, 1 + Number.EPSILON, 'smoothing', 'crossEntropy');
  const batch = logits.shape[0]!;
  checkShape(labels, [batch], 'crossEntropy labels');
  if (sampleWeights === undefined) return labelCrossEntropy(logits, labels, { smoothing });
  checkShape(sampleWeights, [batch], 'crossEntropy sampleWeights');
  const rows = labelCrossEntropy(logits, labels, { smoothing, reduction: 'none' });
  return weightedMean(rows, sampleWeights);
}
