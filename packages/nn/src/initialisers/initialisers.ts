import type { RandomStream } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** Makes a parameter: a float32 tensor of that shape, its numbers drawn from the stream only. */
export type Initialiser = (random: RandomStream, shape: readonly number[]) => Tensor;

/**
 * Inputs and outputs of one unit of a kernel.
 *
 * Linear kernels are [inputs, outputs], convolution kernels [height, width, inputs, outputs]: there the
 * receptive field multiplies both. A vector counts as [size, size].
 */
export function fans(shape: readonly number[]): { readonly fanIn: number; readonly fanOut: number } {
  const outputs = shape.at(-1) ?? 1;
  const inputs = shape.at(-2) ?? outputs;
  const receptive = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  return { fanIn: inputs * receptive, fanOut: outputs * receptive };
}

export const zeros: Initialiser = (_random, shape) => tf.zeros([...shape]);
export const ones: Initialiser = (_random, shape) => tf.ones([...shape]);

/** Uniform in [-bound, bound). */
export function uniform(bound: number): Initialiser {
  return (random, shape) =>
    fill(shape, (values) => {
      for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * bound;
    });
}

/** Normal with mean 0. */
export function normal(deviation: number): Initialiser {
  return (random, shape) =>
    fill(shape, (values) => {
      // Box-Muller, both numbers of the pair.
      for (let i = 0; i < values.length; i += 2) {
        const radius = Math.sqrt(-2 * Math.log(1 - random.uniform())) * deviation;
        const angle = 2 * Math.PI * random.uniform();
        values[i] = radius * Math.cos(angle);
        if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle);
      }
    });
}

export interface KaimingOptions {
  /** Keeps the variance of the activations (`fan-in`) or of the gradients (`fan-out`). */
  readonly mode?: 'fan-in' | 'fan-out';
  /** Slope of the leaky rectifier that follows; 0 is ReLU. gain = sqrt(2 / (1 + slope^2)). */
  readonly negativeSlope?: number;
}

/**
 * Normal with deviation gain / sqrt(fan), by default for ReLU and fan-out (what ResNet and the released LFM code use for convolutions).
 *
 * Source: He et al., "Delving Deep into Rectifiers", 2015, equations 10 and 14.
 */
export function kaimingNormal({ mode = 'fan-out', negativeSlope = 0 }: KaimingOptions = {}): Initialiser {
  return (random, shape) => normal(gain(negativeSlope) / Math.sqrt(fan(shape, mode)))(random, shape);
}

/**
 * Uniform within gain sqrt(3 / fan). The defaults (fan-in, slope sqrt(5)) are those of PyTorch's linear and
 * convolution layers: the bound is 1 / sqrt(fan-in).
 */
export function kaimingUniform({ mode = 'fan-in', negativeSlope = Math.sqrt(5) }: KaimingOptions = {}): Initialiser {
  return (random, shape) => uniform(gain(negativeSlope) * Math.sqrt(3 / fan(shape, mode)))(random, shape);
}

/** Normal with deviation sqrt(2 / (fan-in + fan-out)). Source: Glorot and Bengio, 2010. */
export function xavierNormal(): Initialiser {
  return (random, shape) => {
    const { fanIn, fanOut } = fans(shape);
    return normal(Math.sqrt(2 / (fanIn + fanOut)))(random, shape);
  };
}

/** Uniform within sqrt(6 / (fan-in + fan-out)). Source: Glorot and Bengio, 2010, equation 16. */
export function xavierUniform(): Initialiser {
  return (random, shape) => {
    const { fanIn, fanOut } = fans(shape);
    return uniform(Math.sqrt(6 / (fanIn + fanOut)))(random, shape);
  };
}

const gain = (negativeSlope: number): number => Math.sqrt(2 / (1 + negativeSlope ** 2));

function fan(shape: readonly number[], mode: 'fan-in' | 'fan-out'): number {
  return mode === 'fan-in' ? fans(shape).fanIn : fans(shape).fanOut;
}

function fill(shape: readonly number[], draw: (values: Float32Array) => void): Tensor {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  draw(values);
  return tf.tensor(values, [...shape], 'float32');
}
