import { definePiece, type GradientsContext, type Method, type MethodContext, type Tree } from '@equimodal/core';
import { mapTree, stopGradient } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { controlOf, endsAfterStart, windowControl, windowOptions, type Window } from '../window/window.js';
import { agmCoefficients, responseScore, runningMean } from './coefficients.js';
import { monoModalResponses } from './responses.js';

const WHERE = 'method "agm"';

export interface AgmOptions extends Window {
  readonly alpha: number;
  /** Largest exponent before alpha; null: none. */
  readonly cap: number | null;
  /** Above this size of an entry of the fusion's gradient the gradient of everything is clipped to this norm; null: never. */
  readonly clip: number | null;
}

/**
 * Adaptive gradient modulation: the fused logits are taken apart into the Shapley values of the modalities, m_u; the gradient that
 * flows into m_u is multiplied by k_u (see `agmCoefficients`). The logits keep their value, z = sum_u k_u m_u + (1 - k_u) sg(m_u), where
 * sg stops the gradient. Outputs with modalities missing zero their inputs and use running batch statistics, and carry gradients.
 *
 * The mean scores are those of all steps since training began, also outside the window. Reports `response/<modality>` (the score, a
 * cross-entropy) and `coefficient/<modality>`, as applied.
 */
export function agm({ alpha, cap, clip, ...window }: AgmOptions, { modalities: all }: MethodContext): Method {
  return {
    ...windowControl(window),
    memory: () => ({ means: tf.zeros([all.length]), count: tf.scalar(0) }),
    logits(context) {
      const { modalities, fused, labels, classes, memory } = context;
      const whole = modalities.length;
      const responses = monoModalResponses(modalities, (present) =>
        present.length === whole ? fused.logits : context.forward(new Set(present)).logits,
      );
      // Scores look at values only.
      const scores = tf.stack(modalities.map((name) => responseScore(stopGradient(responses[name]!), labels, classes)));
      const { coefficients } = agmCoefficients(scores, memory.get('means'), { alpha, cap });
      memory.set('means', runningMean(memory.get('means'), scores, memory.get('count')));
      memory.set('count', tf.add(memory.get('count'), 1));
      const applied = tf.unstack(tf.add(1, tf.mul(controlOf(context, 'active', WHERE), tf.sub(coefficients, 1))));
      const parts = modalities.map((name, i) => {
        context.report(`response/${name}`, tf.reshape(tf.slice(scores, i, 1), []));
        context.report(`coefficient/${name}`, applied[i]!);
        const response = responses[name]!;
        return tf.add(tf.mul(applied[i]!, response), tf.mul(tf.sub(1, applied[i]!), stopGradient(response)));
      });
      return { ...fused, logits: tf.addN(parts) };
    },
    gradients: (context) => (clip === null ? undefined : clipped(context, clip)),
  };
}

function clipped({ gradients }: GradientsContext, limit: number): Tree {
  const head = Object.entries(gradients).flatMap(([path, leaf]) => (path.startsWith('fusion/') ? [tf.max(tf.abs(leaf))] : []));
  if (head.length === 0) return gradients;
  const norm = tf.sqrt(tf.addN(Object.values(gradients).map((leaf) => tf.sum(tf.square(leaf)))));
  const over = tf.logicalAnd(tf.greater(tf.max(tf.stack(head)), limit), tf.greater(norm, limit));
  const factor = tf.where(over, tf.div(limit, norm), 1);
  return mapTree(gradients, (leaf) => tf.mul(leaf, factor));
}

/** The method `agm`. */
export const agmMethod = definePiece({
  kind: 'method',
  id: 'agm',
  description: 'Takes the logits apart by Shapley values and scales the gradient that flows into each modality’s share',
  facts: {
    modalities: { min: 2, max: 6 },
    backwardPassesPerStep: 1,
    paper: {
      title: 'Boosting Multi-modal Model Performance with Adaptive Gradient Modulation',
      venue: 'ICCV 2023',
      url: 'https://arxiv.org/abs/2308.07686',
    },
    note: 'Every step has 2^M - 2 forward passes more, through which the one backward pass goes as well.',
  },
  options: z
    .object({
      alpha: z.number().min(0).default(1).describe('Strength: the coefficient is exp(alpha * min(tau - r, cap))'),
      cap: z.number().positive().nullable().default(10).describe('Largest tau - r; null: none'),
      clip: z
        .number()
        .positive()
        .nullable()
        .default(1)
        .describe('Clip the gradient to this norm where an entry of the fusion’s gradient is larger; null: never'),
      ...windowOptions,
    })
    .refine(...endsAfterStart),
  create: agm,
});
