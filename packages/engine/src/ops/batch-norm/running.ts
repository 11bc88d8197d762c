import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { isNative } from '../../backend/native.js';
import { registerNativeKernel } from '../../backend/register.js';
import { asImages, batchNormTraining, fusedBatchNorm, GRADIENT_KERNEL } from './batch-norm.js';

const KERNEL = 'BatchNormRunning';

/** Statistics that follow those of the batches. */
export interface RunningStatistics {
  /** [channels] */
  readonly mean: Tensor;
  /** [channels], unbiased. */
  readonly variance: Tensor;
}

// Outputs: y, the new running mean and variance, and three that the gradient wants back.
registerNativeKernel(KERNEL, ({ inputs, attrs }, backend) => {
  const { x, scale, offset, mean, variance } = inputs;
  return fusedBatchNorm(backend, [x!, scale!, offset!], attrs['epsilon'] as number, attrs['momentum'] as number, [mean!, variance!]);
});

tf.registerGradient({
  kernelName: KERNEL,
  inputsToSave: ['x', 'scale'],
  outputsToSave: [false, false, false, true, true, true],
  gradFunc: (dys, saved, attrs) => {
    const [x, scale, saved2, saved3, saved4] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
    const inputs = { dy: (dys as Tensor[])[0]!, x, scale, saved2, saved3, saved4 };
    const outputs = tf.engine().runKernel(GRADIENT_KERNEL, inputs, attrs) as unknown as Tensor[];
    return { x: () => outputs[0]!, scale: () => outputs[1]!, offset: () => outputs[2]! };
  },
});

/**
 * `batchNormTraining` that also moves running statistics, as PyTorch does:
 * running <- (1 - momentum) running + momentum batch, the variance with the unbiased estimate of the batch.
 *
 * First-order differentiable in x, scale and offset; no gradient flows through the statistics.
 *
 * @param x float32 [batch, channels] or [batch, height, width, channels]; any rank of at least 2.
 * @param scale float32 [channels]
 * @param offset float32 [channels]
 * @param epsilon added to the variance
 * @param running the statistics so far, and momentum, the weight in [0, 1] of this batch
 * @returns y, as x, and the new running statistics
 * @throws EquimodalError EQM_PLUGIN_FAULT when shapes do not fit.
 *
 * Source: Ioffe and Szegedy, "Batch normalization", 2015; on the native engine FusedBatchNormV3 does it all in one op.
 */
export function batchNormRunning(
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  epsilon: number,
  running: RunningStatistics & { readonly momentum: number },
): { readonly y: Tensor; readonly running: RunningStatistics } {
  const images = asImages(x, scale, offset);
  const { mean, variance, momentum } = running;
  if (mean.size !== scale.size || variance.size !== scale.size) {
    throw new EquimodalError(
      'EQM_PLUGIN_FAULT',
      `batch norm of ${scale.size} channels got running statistics [${mean.shape.join(', ')}] and [${variance.shape.join(', ')}]`,
      { where: 'batchNormRunning', fix: 'Running mean and variance must be [channels].' },
    );
  }
  if (isNative()) {
    const inputs = { x: images, scale, offset, mean, variance };
    const [y, ...moved] = tf.engine().runKernel(KERNEL, inputs, { epsilon, momentum }) as unknown as Tensor[];
    return { y: x.rank === 4 ? y! : tf.reshape(y!, x.shape), running: { mean: moved[0]!, variance: moved[1]! } };
  }
  const batch = batchNormTraining(x, scale, offset, epsilon);
  const count = x.size / scale.size;
  const moving = (old: Tensor, statistic: Tensor, weight: number): Tensor => tf.add(tf.mul(old, 1 - momentum), tf.mul(statistic, weight));
  return {
    y: batch.y,
    running: {
      mean: moving(mean, batch.mean, momentum),
      variance: moving(variance, batch.variance, (momentum * count) / Math.max(count - 1, 1)),
    },
  };
}
