import * as tf from '@tensorflow/tfjs-core';
import type { KernelFunc, NamedTensorInfoMap, Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError } from '@equimodal/core';
import { HOST_BACKENDS } from '../../backend/host.js';
import { NATIVE_BACKEND } from '../../backend/native.js';
import { registerMissing } from '../../backend/register.js';

const KERNEL = 'Attend';
const GRADIENT_KERNEL = 'AttendGrad';

interface Attributes {
  readonly heads: number;
  /** Share of weights that is dropped. */
  readonly rate: number;
}

type Inputs = Readonly<Record<string, Tensor | undefined>>;

/** The same composition on every engine: the products are the engine's own. */
function registerComposition(kernelName: string, compose: (inputs: Inputs, attributes: Attributes) => Tensor[]): void {
  const kernelFunc = (({ inputs, attrs }) =>
    tf.tidy(() => compose(inputs as NamedTensorInfoMap as unknown as Inputs, attrs as unknown as Attributes))) as KernelFunc;
  for (const backendName of [NATIVE_BACKEND, ...HOST_BACKENDS]) registerMissing({ kernelName, backendName, kernelFunc });
}

// Outputs: what was mixed, the weights, and with dropout which weights stayed, one byte each where the engine has bytes.
registerComposition(KERNEL, ({ query, key, value, bias, uniform }, { heads, rate }) => {
  const scores = tf.matMul(intoHeads(scaled(query!, heads), heads), intoHeads(key!, heads), false, true);
  const weights = tf.softmax(bias === undefined ? scores : tf.add(scores, bias));
  if (uniform === undefined) return [outOfHeads(tf.matMul(weights, intoHeads(value!, heads))), weights];
  const kept = tf.greaterEqual(uniform, rate);
  return [outOfHeads(tf.matMul(keep(weights, kept, rate), intoHeads(value!, heads))), weights, kept];
});

registerComposition(GRADIENT_KERNEL, ({ dy, query, key, value, weights, kept }, { heads, rate }) => {
  const upstream = intoHeads(dy!, heads);
  const used = kept === undefined ? weights! : keep(weights!, kept, rate);
  const dValue = tf.matMul(used, upstream, true, false);
  const dUsed = tf.matMul(upstream, intoHeads(value!, heads), false, true);
  const dWeights = kept === undefined ? dUsed : keep(dUsed, kept, rate);
  // Through the softmax: dS = P (dP - sum P dP).
  const weighted = tf.mul(dWeights, weights!);
  const dScores = tf.sub(weighted, tf.mul(weights!, tf.sum(weighted, -1, true)));
  const dQuery = tf.matMul(dScores, intoHeads(key!, heads));
  const dKey = tf.matMul(dScores, intoHeads(scaled(query!, heads), heads), true, false);
  return [scaled(outOfHeads(dQuery), heads), outOfHeads(dKey), outOfHeads(dValue)];
});

/** x / sqrt(width / heads) */
const scaled = (x: Tensor, heads: number): Tensor => tf.mul(x, Math.sqrt(heads / x.shape[2]!));

/** x where `kept`, times 1 / (1 - rate), else 0. */
const keep = (x: Tensor, kept: Tensor, rate: number): Tensor => tf.mul(x, tf.mul(tf.cast(kept, 'float32'), 1 / (1 - rate)));

/** [batch, steps, width] -> [batch, heads, steps, width / heads] */
function intoHeads(x: Tensor, heads: number): Tensor {
  const [batch, steps, width] = x.shape as [number, number, number];
  return tf.transpose(tf.reshape(x, [batch, steps, heads, width / heads]), [0, 2, 1, 3]);
}

/** And back. */
function outOfHeads(x: Tensor): Tensor {
  const [batch, heads, steps, size] = x.shape as [number, number, number, number];
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, steps, heads * size]);
}

// Bias and uniform numbers get no gradient, and a gradient of this gradient is refused.
tf.registerGradient({
  kernelName: KERNEL,
  inputsToSave: ['query', 'key', 'value'],
  outputsToSave: [false, true, true],
  gradFunc: (dys, saved, attrs) => {
    const [query, key, value, weights, kept] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor | undefined];
    const inputs = { dy: (dys as Tensor[])[0]!, query, key, value, weights, ...(kept === undefined ? {} : { kept }) };
    const [dQuery, dKey, dValue] = tf.engine().runKernel(GRADIENT_KERNEL, inputs, attrs) as unknown as Tensor[];
    return { query: () => dQuery!, key: () => dKey!, value: () => dValue! };
  },
});

export interface AttendOptions {
  readonly heads: number;
  /** Added to the scores; float32, broadcasts to [batch, heads, queries, keys]. No gradient reaches it. */
  readonly bias?: Tensor;
  /** Dropout of the weights: float32 [batch, heads, queries, keys] in [0, 1), and the share in [0, 1) that is dropped. */
  readonly drop?: { readonly uniform: Tensor; readonly rate: number };
}

/**
 * Scaled dot-product attention in several heads: softmax(Q K^T / sqrt(width / heads) + bias) V for each, side by side.
 *
 * First-order differentiable in query, key and value; the backward pass keeps them, the weights, and which of these were dropped.
 *
 * @param query float32 [batch, queries, width], heads side by side
 * @param key float32 [batch, keys, width]
 * @param value float32 [batch, keys, width]
 * @returns float32 [batch, queries, width]
 * @throws EquimodalError EQM_PLUGIN_FAULT when shapes do not fit.
 *
 * Source: Vaswani et al., "Attention is all you need", 2017, section 3.2.
 */
export function attend(query: Tensor, key: Tensor, value: Tensor, { heads, bias, drop }: AttendOptions): Tensor {
  const [batch, , width] = query.shape;
  const fits = [query, key, value].every(({ rank, shape }) => rank === 3 && shape[0] === batch && shape[2] === width);
  if (!fits || width! % heads !== 0 || key.shape[1] !== value.shape[1]) {
    const got = [query, key, value].map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
    throw new EquimodalError('EQM_PLUGIN_FAULT', `attend got query, key and value ${got} and ${heads} heads`, {
      where: 'attend',
      fix: 'query must be [batch, queries, width], key and value [batch, keys, width], with a width that is a multiple of the heads.',
    });
  }
  const inputs = { query, key, value, ...(bias && { bias }), ...(drop && { uniform: drop.uniform }) };
  const [mixed] = tf.engine().runKernel(KERNEL, inputs, { heads, rate: drop?.rate ?? 0 }) as unknown as Tensor[];
  return mixed!;
}
