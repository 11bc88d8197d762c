import type { Tree } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { checkOptions, zeroSlot, type Optimizer } from '../optimizer/optimizer.js';
import { slot, updateLeaves } from '../optimizer/update.js';

export interface AdamOptions {
  /** Decay of the first moment. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the second moment. Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** adam: L2, added to the gradient (default 0). adamw: decoupled, p <- p (1 - rate weightDecay) (default 0.01). */
  readonly weightDecay?: number;
}

/**
 * Adam with bias correction, PyTorch's rule: p <- p - rate m / (sqrt(v) + epsilon), with m and v the corrected moments.
 *
 * State: `first/<path>` = sum_i beta1^(t-i) g_i and `second/<path>` = sum_i beta2^(t-i) g_i^2 (the moments without their
 * factors 1 - beta, which go into the step size: two ops fewer a parameter), `step/<path>` the number of updates, a scalar.
 *
 * Source: Kingma and Ba, 2015, algorithm 1.
 *
 * @throws EQM_PLUGIN_FAULT on options out of range.
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamOptions = {}): Optimizer {
  checkOptions('adam', { beta1, beta2, epsilon, weightDecay }, { beta1: 1, beta2: 1 });
  return adamRule({ beta1, beta2, epsilon }, weightDecay, false);
}

/**
 * Adam with decoupled weight decay: p <- p (1 - rate weightDecay), then Adam's step. State as in `adam`.
 *
 * Source: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019, algorithm 2, in PyTorch's form.
 *
 * @throws EQM_PLUGIN_FAULT on options out of range.
 */
export function adamw({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 }: AdamOptions = {}): Optimizer {
  checkOptions('adamw', { beta1, beta2, epsilon, weightDecay }, { beta1: 1, beta2: 1 });
  return adamRule({ beta1, beta2, epsilon }, weightDecay, true);
}

interface Moments {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

function adamRule(moments: Moments, weightDecay: number, decoupled: boolean): Optimizer {
  return {
    init: (params) => ({
      ...zeroSlot('first', params),
      ...zeroSlot('second', params),
      ...Object.fromEntries(Object.keys(params).map((path) => [`step/${path}`, tf.scalar(0)])),
    }),
    update: (input) =>
      updateLeaves(input, ['first', 'second'], (paths) => {
        const [beta1, beta2, decay] = [tf.scalar(moments.beta1), tf.scalar(moments.beta2), tf.scalar(weightDecay)];
        const { steps, size, epsilon } = corrections(paths, input.state, moments);
        return {
          update({ param, gradient, slots, rate, spread }) {
            const g = weightDecay === 0 || decoupled ? gradient : tf.add(gradient, tf.mul(param, decay));
            const first = tf.add(tf.mul(slots['first']!, beta1), g);
            const second = tf.add(tf.mul(slots['second']!, beta2), tf.square(g));
            const change = tf.mul(tf.div(first, tf.add(tf.sqrt(second), spread(epsilon))), tf.mul(spread(size), rate));
            const base = weightDecay !== 0 && decoupled ? tf.mul(param, tf.sub(1, tf.mul(rate, decay))) : param;
            return { param: tf.sub(base, change), slots: { first, second } };
          },
          state: Object.fromEntries(tf.unstack(steps).map((step, i) => [`step/${paths[i]!}`, step])),
        };
      }),
  };
}

/** Numbers of each path, [paths]. */
interface Corrections {
  readonly steps: Tensor;
  /** sqrt(c2) (1 - beta1) / (c1 sqrt(1 - beta2)), with c = 1 - beta^t: what first / sqrt(second) is multiplied by. */
  readonly size: Tensor;
  /** epsilon sqrt(c2 / (1 - beta2)): what is added to sqrt(second). */
  readonly epsilon: Tensor;
}

/** The factors of all paths at once: their counts differ where paths were frozen for a while. */
function corrections(paths: readonly string[], state: Tree, { beta1, beta2, epsilon }: Moments): Corrections {
  const steps = tf.add(tf.stack(paths.map((path) => slot(state, 'step', path))), 1);
  // -(beta^t - 1) by expm1: exact in float32 also for beta2 = 0.999 at the first steps.
  const correction1 = beta1 === 0 ? tf.onesLike(steps) : tf.neg(tf.expm1(tf.mul(steps, Math.log(beta1))));
  const correction2 = beta2 === 0 ? tf.onesLike(steps) : tf.neg(tf.expm1(tf.mul(steps, Math.log(beta2))));
  const root = tf.sqrt(tf.mul(correction2, 1 / (1 - beta2)));
  return { steps, size: tf.mul(tf.div(root, correction1), 1 - beta1), epsilon: tf.mul(root, epsilon) };
}
