import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { registerHostKernel, registerNativeKernel } from '../../backend/register.js';

const KERNEL = 'L2Normalize';
const GRADIENT_KERNEL = 'L2NormalizeGrad';

// Outputs: y and 1 / |x| per row, kept as an axis of one.
registerNativeKernel(KERNEL, ({ inputs, attrs }) => {
  const x = inputs['x'] as Tensor;
  return tf.tidy(() => {
    const inverse = tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), attrs['epsilon'] as number));
    return [tf.mul(x, inverse), inverse];
  });
});

registerNativeKernel(GRADIENT_KERNEL, ({ inputs }) => {
  const [dy, y, inverse] = [inputs['dy'], inputs['y'], inputs['inverse']] as [Tensor, Tensor, Tensor];
  return tf.tidy(() => tf.mul(tf.sub(dy, tf.mul(y, tf.sum(tf.mul(dy, y), -1, true))), inverse));
});

registerHostKernel(KERNEL, ({ inputs, attrs }, memory) => {
  const { shape } = inputs['x']!;
  const size = shape.at(-1)!;
  const outputs = [memory.allocate(shape, 'float32'), memory.allocate([...shape.slice(0, -1), 1], 'float32')];
  const [x, y, inverse] = [inputs['x']!, ...outputs].map((info) => memory.float32(info)) as [Float32Array, Float32Array, Float32Array];
  for (let row = 0, from = 0; row < inverse.length; row++, from += size) {
    let square = attrs['epsilon'] as number;
    for (let i = from; i < from + size; i++) square += x[i]! * x[i]!;
    const factor = 1 / Math.sqrt(square);
    inverse[row] = factor;
    for (let i = from; i < from + size; i++) y[i] = x[i]! * factor;
  }
  return outputs;
});

registerHostKernel(GRADIENT_KERNEL, ({ inputs }, memory) => {
  const size = inputs['y']!.shape.at(-1)!;
  const output = memory.allocate(inputs['y']!.shape, 'float32');
  const [dx, dy, y, inverse] = [output, inputs['dy']!, inputs['y']!, inputs['inverse']!].map((info) => memory.float32(info)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (let row = 0, from = 0; row < inverse.length; row++, from += size) {
    let along = 0;
    for (let i = from; i < from + size; i++) along += dy[i]! * y[i]!;
    for (let i = from; i < from + size; i++) dx[i] = (dy[i]! - y[i]! * along) * inverse[row]!;
  }
  return output;
});

// The input goes along only so that a gradient of this gradient is refused instead of wrong.
tf.registerGradient({
  kernelName: KERNEL,
  inputsToSave: ['x'],
  outputsToSave: [true, true],
  gradFunc: (dys, saved) => {
    const [x, y, inverse] = saved as [Tensor, Tensor, Tensor];
    const dy = (dys as Tensor[])[0]!;
    return { x: () => tf.engine().runKernel(GRADIENT_KERNEL, { dy, x, y, inverse }) as unknown as Tensor };
  },
});

/**
 * x / sqrt(sum x^2 + epsilon) over the last axis.
 *
 * First-order differentiable: dx = (dy - y (dy . y)) / sqrt(sum x^2 + epsilon). A gradient of that gradient is refused.
 *
 * @param x float32 [..., size]
 * @param epsilon keeps value and gradient finite where x is zero
 * @returns float32, as x
 */
export function l2Normalize(x: Tensor, epsilon: number): Tensor {
  const [y] = tf.engine().runKernel(KERNEL, { x }, { epsilon }) as unknown as Tensor[];
  return y!;
}
