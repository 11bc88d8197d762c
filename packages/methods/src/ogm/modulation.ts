import type { Method, MethodContext } from '@equimodal/core';
import { EquimodalError } from '@equimodal/core';
import { mapTree } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { ogmCoefficients, ogmRatios, ogmScores, type OgmForm } from './coefficients.js';
import { readOut } from '../read-out/read-out.js';
import { controlOf, endsAfterStart, windowControl, windowOptions, type Window } from '../window/window.js';
import { modulatedPaths, type OgmScope } from './modulated.js';

/** Added to the deviation of the noise, as in the released code. */
const NOISE_FLOOR = 1e-8;

export interface OgmOptions extends Window {
  /** Strength of the modulation. */
  readonly alpha: number;
  readonly form: OgmForm;
  readonly scope: OgmScope;
}

/** The options of `ogm` and `ogm-ge`. */
export const ogmOptions = z
  .object({
    alpha: z.number().min(0).default(0.8).describe('Strength: the coefficient is 1 - tanh(alpha * ratio)'),
    ...windowOptions,
    form: z
      .enum(['paper', 'released'])
      .default('paper')
      .describe('At an exact tie the paper damps nobody, the released code the first of two modalities'),
    scope: z
      .enum(['auto', 'convolutions', 'encoders'])
      .default('auto')
      .describe('Modulated encoder parameters: convolution kernels, all of rank 2 or more, or whichever the encoder has'),
  })
  .refine(...endsAfterStart);

/**
 * On-the-fly gradient modulation: after the backward pass, the gradients of the encoder of modality u are multiplied
 * by its coefficient k_u of this batch; with `noise`, zero-mean Gaussian noise with the deviation of the unmodulated
 * gradient (one number per tensor, n - 1) is added, to every encoder, also where k_u is 1 (the generalisation
 * enhancement, GE).
 *
 * Outside its window of epochs the gradients pass unchanged. The window is the control `active` (0 or 1), so the
 * program stays the same. Reports `ratio/<modality>`, and `coefficient/<modality>` as it was applied.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE when the released form is asked for with other than two modalities, and, at the
 * first step, when an encoder has nothing to modulate.
 */
export function gradientModulation(
  id: string,
  { alpha, start, end, form, scope }: OgmOptions,
  { modalities: all }: Pick<MethodContext, 'modalities'>,
  noise: boolean,
): Method {
  const where = `method "${id}"`;
  if (form === 'released' && all.length !== 2) {
    throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `the released form knows two modalities; this run has ${all.length}`, {
      where,
      fix: 'Set "form: paper", which takes any number.',
    });
  }
  return {
    ...windowControl({ start, end }),
    gradients(context) {
      const { modalities, gradients, params, random } = context;
      const on = controlOf(context, 'active', where);
      const paths = modulatedPaths(params, modalities, scope, where);
      const ratios = ogmRatios(
        ogmScores(
          modalities.map((modality) => readOut(context.fused, modality, where)),
          context.labels,
          context.classes,
        ),
      );
      const chosen = ogmCoefficients(ratios, alpha, form);
      // k inside the window, 1 outside.
      const coefficients = tf.unstack(tf.add(1, tf.mul(on, tf.sub(chosen, 1))));
      const byModality = new Map(modalities.map((modality, i) => [modality, coefficients[i]!]));
      for (const [i, ratio] of tf.unstack(ratios).entries()) {
        context.report(`ratio/${modalities[i]!}`, ratio);
        context.report(`coefficient/${modalities[i]!}`, coefficients[i]!);
      }
      return mapTree(gradients, (gradient, path): Tensor => {
        const coefficient = byModality.get(paths.get(path) ?? '');
        if (coefficient === undefined) return gradient;
        const scaled = tf.mul(gradient, coefficient);
        if (!noise) return scaled;
        const deviation = tf.mul(on, noiseDeviation(gradient));
        return tf.add(scaled, tf.mul(random.normal(gradient.shape), deviation));
      });
    },
  };
}

/**
 * Deviation of the noise that goes with a gradient: its sample standard deviation (n - 1) over the whole tensor,
 * plus 1e-8. A tensor of one number has none, and gets 1e-8.
 */
export function noiseDeviation(gradient: Tensor): Tensor {
  const squares = tf.sum(tf.square(tf.sub(gradient, tf.mean(gradient))));
  return tf.add(tf.sqrt(tf.div(squares, Math.max(gradient.size - 1, 1))), NOISE_FLOOR);
}
