import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { registerHostKernel, registerNativeKernel } from '../../backend/register.js';
import { normaliseRows, normaliseRowsGradient } from './rows.js';

const KERNEL = 'LayerNormalize';
const GRADIENT_KERNEL = 'LayerNormalizeGrad';

// Outputs: y, and mean and 1 / deviation of each row as [rows, 1].
registerNativeKernel(KERNEL, ({ inputs, attrs }) => {
  const [x, scale, offset] = [inputs['x'], inputs['scale'], inputs['offset']] as [Tensor, Tensor, Tensor];
  return tf.tidy(() => {
    const mean = tf.mean(x, 1, true);
    const centred = tf.sub(x, mean);
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), attrs['epsilon'] as number));
    return [tf.add(tf.mul(tf.mul(centred, inverse), scale), offset), mean, inverse];
  });
});

registerNativeKernel(GRADIENT_KERNEL, ({ inputs }) => {
  const [dy, x, scale, mean, inverse] = ['dy', 'x', 'scale', 'mean', 'inverse'].map((name) => inputs[name]) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  return tf.tidy(() => {
    const normal = tf.mul(tf.sub(x, mean), inverse);
    const scaled = tf.mul(dy, scale);
    const along = tf.mean(tf.mul(scaled, normal), 1, true);
    const dx = tf.mul(tf.sub(tf.sub(scaled, tf.mean(scaled, 1, true)), tf.mul(normal, along)), inverse);
    return [dx, tf.sum(tf.mul(dy, normal), 0), tf.sum(dy, 0)];
  });
});

registerHostKernel(KERNEL, ({ inputs, attrs }, memory) => {
  const { x, scale, offset } = inputs;
  const rows = [x!.shape[0]!, 1];
  const outputs = [x!.shape, rows, rows].map((shape) => memory.allocate(shape, 'float32'));
  const [y, mean, inverse] = outputs.map((info) => memory.float32(info));
  const [values, factors, offsets] = [x!, scale!, offset!].map((info) => memory.float32(info));
  normaliseRows(values!, factors!, offsets!, attrs['epsilon'] as number, y!, mean!, inverse!);
  return outputs;
});

registerHostKernel(GRADIENT_KERNEL, ({ inputs }, memory) => {
  const { dy, x, scale, mean, inverse } = inputs;
  const outputs = [x!.shape, scale!.shape, scale!.shape].map((shape) => memory.allocate(shape, 'float32'));
  const [dx, dScale, dOffset] = outputs.map((info) => memory.float32(info));
  const [gradient, values, factors, means, inverses] = [dy!, x!, scale!, mean!, inverse!].map((info) => memory.float32(info));
  normaliseRowsGradient(gradient!, values!, factors!, means!, inverses!, dx!, dScale!, dOffset!);
  return outputs;
});

tf.registerGradient({
  kernelName: KERNEL,
  inputsToSave: ['x', 'scale'],
  outputsToSave: [false, true, true],
  gradFunc: (dys, saved) => {
    const [x, scale, mean, inverse] = saved as [Tensor, Tensor, Tensor, Tensor];
    const inputs = { dy: (dys as Tensor[])[0]!, x, scale, mean, inverse };
    const [dx, dScale, dOffset] = tf.engine().runKernel(GRADIENT_KERNEL, inputs) as unknown as Tensor[];
    return { x: () => dx!, scale: () => dScale!, offset: () => dOffset! };
  },
});

/**
 * y = scale (x - mean) / sqrt(variance + epsilon) + offset, mean and biased variance over the last axis.
 *
 * First-order differentiable in x, scale and offset; the backward pass keeps x and two numbers a row.
 *
 * @param x float32 [..., size], rank 2 or more
 * @param scale float32 [size]
 * @param offset float32 [size]
 * @param epsilon added to the variance
 * @returns float32, as x
 * @throws EquimodalError EQM_PLUGIN_FAULT when shapes or types do not fit.
 *
 * Source: Ba, Kiros and Hinton, "Layer normalization", 2016.
 */
export function layerNormalize(x: Tensor, scale: Tensor, offset: Tensor, epsilon: number): Tensor {
  const size = x.shape.at(-1);
  const vectors = [scale, offset].every(({ rank, shape, dtype }) => rank === 1 && shape[0] === size && dtype === 'float32');
  if (x.rank < 2 || x.dtype !== 'float32' || !vectors) {
    const got = [x, scale, offset].map(({ dtype, shape }) => `${dtype} [${shape.join(', ')}]`);
    throw new EquimodalError('EQM_PLUGIN_FAULT', `layerNormalize got x ${got[0]!}, scale ${got[1]!} and offset ${got[2]!}`, {
      where: 'layerNormalize',
      fix: 'x must be float32 [..., size] of rank 2 or more, scale and offset float32 [size].',
    });
  }
  const rows = x.rank === 2 ? x : tf.reshape(x, [-1, size!]);
  const [y] = tf.engine().runKernel(KERNEL, { x: rows, scale, offset }, { epsilon }) as unknown as Tensor[];
  return x.rank === 2 ? y! : tf.reshape(y!, x.shape);
}
