import { definePiece, EquimodalError, type LossesContext, type LossTerm, type Method, type MethodContext } from '@equimodal/core';
import { weightedMean } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { controlOf, endsAfterStart, isOpen, windowOptions, type Window } from '../window/window.js';
import {
  classMeans,
  lag,
  movedPrototypes,
  prototypeCrossEntropy,
  prototypeEntropy,
  prototypeLogProbabilities,
  prototypeScore,
} from './prototypes.js';

const WHERE = 'method "pmr"';

export interface PmrOptions extends Window {
  readonly form: 'paper' | 'released';
  /** Weight of the prototype loss. */
  readonly alpha: number;
  /** Weight of the entropy bonus. */
  readonly mu: number;
  /** First epochs with the entropy bonus; null: half of the run. */
  readonly entropyEpochs: number | null;
  /** Share of the old prototypes that stays. */
  readonly momentum: number;
  /** Share of the training data that prototypes are made from. */
  readonly fraction: number;
}

/**
 * Prototypical modal rebalance: before each epoch, prototypes (mean features of each class) are made from a part of the training data. A
 * modality that lags, by the probability of the true class under the softmax of minus distances to prototypes, is pulled to its prototypes;
 * the best modality is rewarded for entropy in the first epochs:
 *
 *     L = L_cls + alpha sum_u lag_u PCE_u - mu max_u(lag_u) H_best
 *
 * The terms are regularisers: `prototype/<modality>` and `entropy/<modality>`. Samples of a class that has no prototype yet do not count in
 * them. Reports `lag/<modality>`.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE when the released form is asked for with other than two modalities.
 */
export function pmr({ form, alpha, mu, entropyEpochs, momentum, fraction, ...window }: PmrOptions, run: MethodContext): Method {
  const { modalities, featureSizes, classes } = run;
  if (form === 'released' && modalities.length !== 2) {
    throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `the released form knows two modalities; this run has ${modalities.length}`, {
      where: WHERE,
      fix: 'Set "form: paper", which takes any number.',
    });
  }
  const bonusEpochs = entropyEpochs ?? Math.ceil(run.epochs / 2);
  const controlsAt = (epoch: number) => ({ active: isOpen(window, epoch) ? 1 : 0, bonus: epoch < bonusEpochs ? 1 : 0 });
  return {
    controls: controlsAt(0),
    memory: () => ({
      seen: tf.zeros([classes]),
      ...Object.fromEntries(modalities.map((name) => [`prototypes/${name}`, tf.zeros([classes, featureSizes[name]!])])),
    }),
    async epochStart(context) {
      const { epoch, memory } = context;
      const { means, counts } = await classMeans(context, modalities, classes, fraction);
      const seen = memory.get('seen');
      for (const [name, own] of Object.entries(means)) {
        const path = `prototypes/${name}`;
        memory.set(path, movedPrototypes(memory.get(path), seen, { means: own, counts }, momentum));
      }
      memory.set(
        'seen',
        seen.map((before, label) => (before === 1 || counts[label]! > 0 ? 1 : 0)),
      );
      return { controls: controlsAt(epoch) };
    },
    losses: (context) => [...context.terms, ...prototypeTerms(context, { form, alpha, mu })],
  };
}

function prototypeTerms(context: LossesContext, { form, alpha, mu }: Pick<PmrOptions, 'form' | 'alpha' | 'mu'>): LossTerm[] {
  const { modalities, labels, classes, features, memory, sampleWeights } = context;
  const seen = memory.get('seen');
  const known = tf.gather(seen, labels);
  const weights = sampleWeights === undefined ? known : tf.mul(known, sampleWeights);
  const logs = modalities.map((name) => prototypeLogProbabilities(features[name]!, memory.get(`prototypes/${name}`), seen));
  const scores = tf.stack(logs.map((log) => prototypeScore(log, labels, classes, weights)));
  const behind = lag(scores);
  const on = controlOf(context, 'active', WHERE);
  const term = (name: string, value: Tensor, weight: Tensor): LossTerm => ({ name, kind: 'regulariser', value, weight });
  const pulls = modalities.map((name, i) => {
    const own = tf.reshape(tf.slice(behind, i, 1), []);
    context.report(`lag/${name}`, own);
    const strength = form === 'paper' ? own : tf.cast(tf.greater(own, 0), 'float32');
    const value = weightedMean(prototypeCrossEntropy(logs[i]!, labels, classes), weights);
    return term(`prototype/${name}`, value, tf.mul(tf.mul(on, alpha), strength));
  });
  if (form === 'released' || mu === 0) return pulls;
  const best = tf.cast(tf.equal(scores, tf.max(scores)), 'float32');
  const strength = tf.mul(tf.mul(tf.mul(on, controlOf(context, 'bonus', WHERE)), -mu), tf.max(behind));
  const bonuses = modalities.map((name, i) =>
    term(`entropy/${name}`, weightedMean(prototypeEntropy(logs[i]!), weights), tf.mul(strength, tf.reshape(tf.slice(best, i, 1), []))),
  );
  return [...pulls, ...bonuses];
}

/** The method `pmr`. */
export const pmrMethod = definePiece({
  kind: 'method',
  id: 'pmr',
  description: 'Pulls the modality that lags to the prototypes of its classes, and rewards entropy of the best one at first',
  facts: {
    modalities: { min: 2 },
    backwardPassesPerStep: 1,
    auxiliaryPassesPerEpoch: 0.1,
    paper: {
      title: 'PMR: Prototypical Modal Rebalance for Multimodal Learning',
      venue: 'CVPR 2023',
      url: 'https://arxiv.org/abs/2211.07089',
    },
    note: 'The paper has two modalities; with more each is compared with the best. Passes: with the default fraction.',
  },
  options: z
    .object({
      form: z
        .enum(['paper', 'released'])
        .default('paper')
        .describe('Weights by how far a modality lags and an entropy bonus, or, as released, all of alpha for the weaker one and no bonus'),
      alpha: z.number().min(0).default(1).describe('Weight of the prototype loss'),
      mu: z.number().min(0).default(0.01).describe('Weight of the entropy bonus'),
      entropyEpochs: z.int().min(0).nullable().default(null).describe('First epochs with the entropy bonus; null: half of the run'),
      momentum: z.number().min(0).max(1).default(0.2).describe('Share of the old prototypes that stays'),
      fraction: z.number().positive().max(1).default(0.1).describe('Share of the training data that prototypes are made from'),
      ...windowOptions,
    })
    .refine(...endsAfterStart),
  create: pmr,
});
