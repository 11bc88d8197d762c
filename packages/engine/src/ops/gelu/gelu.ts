import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { registerHostKernel, registerNativeKernel } from '../../backend/register.js';
import { CUBIC, FORMS, QUICK, ROOT, type GeluForm } from './forms.js';

const KERNEL = 'GaussianErrorLinearUnit';
const GRADIENT_KERNEL = 'GaussianErrorLinearUnitGrad';

const formOf = (attrs: object): GeluForm => (attrs as { form: GeluForm }).form;

/** Phi(x) of the exact form. */
const distribution = (x: Tensor): Tensor => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
/** The hyperbolic tangent of the tanh form. */
const bend = (x: Tensor, square: Tensor): Tensor => tf.tanh(tf.mul(x, tf.add(tf.mul(square, ROOT * CUBIC), ROOT)));

const VALUES: Readonly<Record<GeluForm, (x: Tensor) => Tensor>> = {
  exact: (x) => tf.mul(x, distribution(x)),
  tanh: (x) => tf.mul(x, tf.mul(tf.add(bend(x, tf.square(x)), 1), 0.5)),
  quick: (x) => tf.mul(x, tf.sigmoid(tf.mul(x, QUICK))),
};

const SLOPES: Readonly<Record<GeluForm, (x: Tensor) => Tensor>> = {
  exact(x) {
    const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return tf.add(distribution(x), tf.mul(x, density));
  },
  tanh(x) {
    const square = tf.square(x);
    const t = bend(x, square);
    const inner = tf.mul(x, tf.add(tf.mul(square, 3 * ROOT * CUBIC), ROOT));
    return tf.mul(tf.add(tf.add(t, 1), tf.mul(tf.sub(1, tf.square(t)), inner)), 0.5);
  },
  quick(x) {
    const scaled = tf.mul(x, QUICK);
    const s = tf.sigmoid(scaled);
    return tf.mul(s, tf.add(tf.mul(scaled, tf.sub(1, s)), 1));
  },
};

registerNativeKernel(KERNEL, ({ inputs, attrs }) => tf.tidy(() => VALUES[formOf(attrs)](inputs['x'] as Tensor)));
registerNativeKernel(GRADIENT_KERNEL, ({ inputs, attrs }) =>
  tf.tidy(() => tf.mul(inputs['dy'] as Tensor, SLOPES[formOf(attrs)](inputs['x'] as Tensor))),
);

registerHostKernel(KERNEL, ({ inputs, attrs }, memory) => {
  const output = memory.allocate(inputs['x']!.shape, 'float32');
  const [y, x] = [memory.float32(output), memory.float32(inputs['x']!)];
  const { value } = FORMS[formOf(attrs)];
  for (let i = 0; i < x.length; i++) y[i] = value(x[i]!);
  return output;
});

registerHostKernel(GRADIENT_KERNEL, ({ inputs, attrs }, memory) => {
  const output = memory.allocate(inputs['x']!.shape, 'float32');
  const [dx, dy, x] = [memory.float32(output), memory.float32(inputs['dy']!), memory.float32(inputs['x']!)];
  const { slope } = FORMS[formOf(attrs)];
  for (let i = 0; i < x.length; i++) dx[i] = dy[i]! * slope(x[i]!);
  return output;
});

tf.registerGradient({
  kernelName: KERNEL,
  inputsToSave: ['x'],
  gradFunc: (upstream, saved, attrs) => ({
    x: () => tf.engine().runKernel(GRADIENT_KERNEL, { dy: upstream as Tensor, x: saved[0]! }, attrs) as unknown as Tensor,
  }),
});

/**
 * Gaussian error linear unit, element by element: x Phi(x) (`exact`), x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 (`tanh`),
 * x sigmoid(1.702 x) (`quick`).
 *
 * First-order differentiable; the backward pass keeps x only.
 *
 * @param x float32, any shape
 * @returns float32, as x
 *
 * Source: Hendrycks and Gimpel, "Gaussian error linear units", 2016.
 */
export function gelu(x: Tensor, form: GeluForm = 'exact'): Tensor {
  return tf.engine().runKernel(KERNEL, { x }, { form }) as unknown as Tensor;
}
