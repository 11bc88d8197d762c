import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { registerHostKernel, registerNativeKernel } from '../../backend/register.js';

const KERNEL = 'DropBelow';
const GRADIENT_KERNEL = 'DropBelowGrad';

const rateOf = (attrs: object): number => (attrs as { rate: number }).rate;
/** What the elements that stay are multiplied by, as float32 has it. */
const boostOf = (rate: number): number => Math.fround(1 / (1 - rate));

// Outputs: y and what was kept: one byte an element, on the host a float.
registerNativeKernel(KERNEL, ({ inputs, attrs }) => {
  const [x, uniform] = [inputs['x'], inputs['uniform']] as [Tensor, Tensor];
  return tf.tidy(() => {
    const kept = tf.greaterEqual(uniform, rateOf(attrs));
    return [keep(x, kept, rateOf(attrs)), kept];
  });
});

registerNativeKernel(GRADIENT_KERNEL, ({ inputs, attrs }) =>
  tf.tidy(() => keep(inputs['dy'] as Tensor, inputs['kept'] as Tensor, rateOf(attrs))),
);

/** x where `kept`, times 1 / (1 - rate), else 0. */
function keep(x: Tensor, kept: Tensor, rate: number): Tensor {
  return tf.mul(x, tf.mul(tf.cast(kept, 'float32'), boostOf(rate)));
}

registerHostKernel(KERNEL, ({ inputs, attrs }, memory) => {
  const { shape } = inputs['x']!;
  const outputs = [memory.allocate(shape, 'float32'), memory.allocate(shape, 'float32')];
  const [y, kept] = outputs.map((info) => memory.float32(info)) as [Float32Array, Float32Array];
  const [x, uniform] = [memory.float32(inputs['x']!), memory.float32(inputs['uniform']!)];
  const rate = Math.fround(rateOf(attrs));
  const boost = boostOf(rateOf(attrs));
  for (let i = 0; i < x.length; i++) {
    kept[i] = uniform[i]! >= rate ? boost : 0;
    y[i] = x[i]! * kept[i]!;
  }
  return outputs;
});

registerHostKernel(GRADIENT_KERNEL, ({ inputs }, memory) => {
  const output = memory.allocate(inputs['dy']!.shape, 'float32');
  const [dx, dy, kept] = [memory.float32(output), memory.float32(inputs['dy']!), memory.float32(inputs['kept']!)];
  for (let i = 0; i < dx.length; i++) dx[i] = dy[i]! * kept[i]!;
  return output;
});

tf.registerGradient({
  kernelName: KERNEL,
  outputsToSave: [false, true],
  gradFunc: (dys, saved, attrs) => ({
    x: () => tf.engine().runKernel(GRADIENT_KERNEL, { dy: (dys as Tensor[])[0]!, kept: saved[0]! }, attrs) as unknown as Tensor,
  }),
});

/**
 * x / (1 - rate) where a uniform number is at least `rate`, else 0.
 *
 * First-order differentiable in x; the backward pass keeps only which elements stayed.
 *
 * @param x float32, any shape
 * @param uniform float32 in [0, 1), as x
 * @param rate in [0, 1)
 * @returns float32, as x
 *
 * Source: Srivastava et al., "Dropout", 2014 (inverted form).
 */
export function dropBelow(x: Tensor, uniform: Tensor, rate: number): Tensor {
  const [y] = tf.engine().runKernel(KERNEL, { x, uniform }, { rate }) as unknown as Tensor[];
  return y!;
}
