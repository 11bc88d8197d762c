import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { attributes, type NativeBackend } from '../../backend/native.js';
import { registerHostKernel, registerNativeKernel } from '../../backend/register.js';
import { normalise, normaliseGradient } from './moments.js';

const KERNEL = 'BatchNormTraining';
/** Its native form wants back what the forward op reserved, as saved2 to saved4; the others mean and variance, as saved0 and saved1. */
export const GRADIENT_KERNEL = 'BatchNormTrainingGrad';

// Outputs: y, mean, variance (biased), then whatever the backend's own gradient wants back.
registerHostKernel(KERNEL, ({ inputs, attrs }, memory) => {
  const { x, scale, offset } = inputs;
  const channels = scale!.shape;
  const outputs = [x!.shape, channels, channels].map((shape) => memory.allocate(shape, 'float32'));
  const [y, mean, variance] = outputs.map((info) => memory.float32(info));
  const [values, factors, offsets] = [x!, scale!, offset!].map((info) => memory.float32(info));
  normalise(values!, factors!, offsets!, attrs['epsilon'] as number, y!, mean!, variance!);
  return outputs;
});

registerHostKernel(GRADIENT_KERNEL, ({ inputs, attrs }, memory) => {
  const { dy, x, scale, saved0: mean, saved1: variance } = inputs;
  const outputs = [x!.shape, scale!.shape, scale!.shape].map((shape) => memory.allocate(shape, 'float32'));
  const [dx, dScale, dOffset] = outputs.map((info) => memory.float32(info));
  const [gradient, values, factors, means, variances] = [dy!, x!, scale!, mean!, variance!].map((info) => memory.float32(info));
  const epsilon = attrs['epsilon'] as number;
  normaliseGradient(gradient!, values!, factors!, means!, variances!, epsilon, dx!, dScale!, dOffset!);
  return outputs;
});

/**
 * TensorFlow's op: y, running mean and (unbiased) variance moved by `factor` towards the batch's, and three for the gradient.
 *
 * @param running mean and variance so far; with the factor 1 TensorFlow insists on having none.
 */
export function fusedBatchNorm(
  backend: NativeBackend,
  [x, scale, offset]: readonly [TensorInfo, TensorInfo, TensorInfo],
  epsilon: number,
  factor: number,
  running: readonly TensorInfo[] = [],
): Tensor[] {
  const { float32, float, text, boolean } = attributes(backend);
  const none = tf.tensor1d([], 'float32');
  const outputs = backend.executeMultipleOutputs(
    'FusedBatchNormV3',
    [
      float32('T'),
      float32('U'),
      float('epsilon', epsilon),
      float('exponential_avg_factor', factor),
      text('data_format', 'NHWC'),
      boolean('is_training', true),
    ],
    [x, scale, offset, ...(factor === 1 ? [none, none] : running)],
    6,
  );
  none.dispose();
  return outputs;
}

registerNativeKernel(KERNEL, ({ inputs, attrs }, backend) => {
  const { x, scale, offset } = inputs;
  const [y, mean, unbiased, ...reserved] = fusedBatchNorm(backend, [x!, scale!, offset!], attrs['epsilon'] as number, 1);
  // TensorFlow returns the unbiased variance, meant for the running average.
  const rows = x!.shape[0]! * x!.shape[1]! * x!.shape[2]!;
  const variance = tf.mul(unbiased!, (rows - 1 || 1) / rows);
  unbiased!.dispose();
  return [y!, mean!, variance, ...reserved];
});

registerNativeKernel(GRADIENT_KERNEL, ({ inputs, attrs }, backend) => {
  const { float32, float, text, boolean } = attributes(backend);
  // What the forward op reserved follows our mean and variance.
  const [dx, dScale, dOffset, ...unused] = backend.executeMultipleOutputs(
    'FusedBatchNormGradV3',
    [float32('T'), float32('U'), float('epsilon', attrs['epsilon'] as number), text('data_format', 'NHWC'), boolean('is_training', true)],
    ['dy', 'x', 'scale', 'saved2', 'saved3', 'saved4'].map((name) => inputs[name]!),
    5,
  );
  for (const tensor of unused) tensor.dispose();
  return [dx!, dScale!, dOffset!];
});

tf.registerGradient({
  kernelName: KERNEL,
  inputsToSave: ['x', 'scale'],
  outputsToSave: [false, true, true, true, true, true],
  gradFunc: (dys, saved, attrs) => {
    const dy = (dys as Tensor[])[0]!;
    const [x, scale, ...rest] = saved;
    const inputs = Object.fromEntries(rest.map((tensor, i) => [`saved${i}`, tensor]));
    const outputs = tf.engine().runKernel(GRADIENT_KERNEL, { dy, x: x!, scale: scale!, ...inputs }, attrs) as unknown as Tensor[];
    const [dx, dScale, dOffset] = outputs;
    return { x: () => dx!, scale: () => dScale!, offset: () => dOffset! };
  },
});

/** Normalised batch with the statistics it was normalised by. */
export interface BatchNormOutput {
  /** As x: [..., channels]. */
  readonly y: Tensor;
  /** [channels], over all axes but the last. */
  readonly mean: Tensor;
  /** [channels], biased (divided by N). */
  readonly variance: Tensor;
}

/**
 * Batch normalisation by the statistics of the batch itself:
 * y = scale (x - mean) / sqrt(variance + epsilon) + offset.
 *
 * First-order differentiable in x, scale and offset. `mean` and `variance` are for running averages:
 * no gradient flows through them.
 *
 * @param x float32 [batch, channels] or [batch, height, width, channels]; any rank of at least 2.
 * @param scale float32 [channels]
 * @param offset float32 [channels]
 * @param epsilon added to the variance
 * @throws EquimodalError EQM_PLUGIN_FAULT when shapes do not fit.
 *
 * Source: Ioffe and Szegedy, "Batch normalization", 2015; on the native engine TensorFlow's FusedBatchNormV3.
 */
export function batchNormTraining(x: Tensor, scale: Tensor, offset: Tensor, epsilon: number): BatchNormOutput {
  const images = asImages(x, scale, offset);
  const outputs = tf.engine().runKernel(KERNEL, { x: images, scale, offset }, { epsilon }) as unknown as Tensor[];
  const [y, mean, variance] = outputs;
  return { y: x.rank === 4 ? y! : tf.reshape(y!, x.shape), mean: mean!, variance: variance! };
}

/**
 * x as [..., height, width, channels], which the kernels take.
 *
 * @throws EquimodalError EQM_PLUGIN_FAULT when scale and offset are not [channels].
 */
export function asImages(x: Tensor, scale: Tensor, offset: Tensor): Tensor {
  const channels = x.shape.at(-1);
  if (x.rank < 2 || scale.size !== channels || offset.size !== channels) {
    throw new EquimodalError(
      'EQM_PLUGIN_FAULT',
      `batch norm got x [${x.shape.join(', ')}], scale [${scale.shape.join(', ')}], offset [${offset.shape.join(', ')}]`,
      {
        where: 'batchNormTraining',
        fix: 'scale and offset must be [channels], where channels is the last axis of x.',
      },
    );
  }
  return x.rank === 4 ? x : tf.reshape(x, [x.size / channels, 1, 1, channels]);
}
