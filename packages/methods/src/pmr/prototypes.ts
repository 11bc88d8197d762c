import type { EpochContext } from '@equimodal/core';
import { logSoftmax, stopGradient } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** Keeps the root of a distance differentiable at 0. */
const UNDER_ROOT = 1e-12;
/** Distance to the prototype of a class that has none yet. */
const FAR = 1e9;

/** Mean features by class and modality, and how many samples each class had. */
export interface ClassMeans {
  /** [classes * featureSize] by modality; 0 for a class without samples. */
  readonly means: Readonly<Record<string, Float64Array>>;
  readonly counts: Float64Array;
}

/** Mean feature of each class over a share of the training data, in evaluation mode. */
export async function classMeans(
  { pass }: Pick<EpochContext, 'pass'>,
  modalities: readonly string[],
  classes: number,
  fraction: number,
): Promise<ClassMeans> {
  const means: Record<string, Float64Array> = {};
  const counts = new Float64Array(classes);
  await pass(
    'train',
    ({ labels, features }) => {
      for (const label of labels) counts[label]! += 1;
      for (const modality of modalities) {
        // eslint-disable-next-line no-restricted-syntax -- between epochs, on the host
        const values = features[modality]!.dataSync();
        const size = values.length / labels.length;
        const sums = (means[modality] ??= new Float64Array(classes * size));
        for (const [row, label] of labels.entries()) {
          for (let i = 0; i < size; i++) sums[label * size + i]! += values[row * size + i]!;
        }
      }
      return true;
    },
    { fraction },
  );
  for (const sums of Object.values(means)) {
    const size = sums.length / classes;
    for (const [i] of sums.entries()) sums[i]! /= Math.max(1, counts[Math.floor(i / size)]!);
  }
  return { means, counts };
}

/** momentum * old + (1 - momentum) * new; the new one where a class had none, the old one where it has no samples now. */
export function movedPrototypes(
  old: Float32Array,
  seen: Float32Array,
  { means, counts }: { readonly means: Float64Array; readonly counts: Float64Array },
  momentum: number,
): Float32Array {
  const size = old.length / seen.length;
  return old.map((value, i) => {
    const label = Math.floor(i / size);
    if (counts[label] === 0) return value;
    return seen[label] === 0 ? means[i]! : momentum * value + (1 - momentum) * means[i]!;
  });
}

/**
 * log of the softmax over classes of minus the Euclidean distance to each prototype, [batch, classes].
 *
 * @param features [batch, featureSize]
 * @param prototypes [classes, featureSize]
 * @param seen [classes], 1 where there is a prototype
 */
export function prototypeLogProbabilities(features: Tensor, prototypes: Tensor, seen: Tensor): Tensor {
  const difference = tf.sub(tf.expandDims(features, 1), tf.expandDims(prototypes, 0));
  const distance = tf.sqrt(tf.add(tf.sum(tf.square(difference), 2), UNDER_ROOT));
  return logSoftmax(tf.neg(tf.add(distance, tf.mul(FAR, tf.sub(1, seen)))));
}

/** Sum over samples of the probability of the true class, scalar, without a gradient. Samples of weight 0 do not count. */
export function prototypeScore(logProbabilities: Tensor, labels: Tensor, classes: number, weights: Tensor): Tensor {
  const own = tf.sum(tf.mul(tf.oneHot(labels, classes), tf.exp(stopGradient(logProbabilities))), 1);
  return tf.sum(tf.mul(own, weights));
}

/** -log probability of the true class [batch]. */
export function prototypeCrossEntropy(logProbabilities: Tensor, labels: Tensor, classes: number): Tensor {
  return tf.neg(tf.sum(tf.mul(tf.oneHot(labels, classes), logProbabilities), 1));
}

/** Entropy of the prototype probabilities [batch], in nats. */
export function prototypeEntropy(logProbabilities: Tensor): Tensor {
  return tf.neg(tf.sum(tf.mul(tf.exp(logProbabilities), logProbabilities), 1));
}

/** How far each modality lags behind the best: clip(S_max / S_u - 1, 0, 1), [modalities]. With two, the paper's beta and gamma. */
export function lag(scores: Tensor): Tensor {
  return tf.clipByValue(tf.sub(tf.div(tf.max(scores), tf.maximum(scores, UNDER_ROOT)), 1), 0, 1);
}
