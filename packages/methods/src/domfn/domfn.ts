import { definePiece, type LossTerm, type Method, type MethodContext } from '@equimodal/core';
import { weightedMean } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { ownHeads } from '../own-heads/own-heads.js';
import { divergenceLoss, divergencePrediction, fusedSamples, sampleCrossEntropy, scoresOf, type Scores } from './divergence.js';

/** Share of the epochs that train unimodal heads alone by default: 30 of 230 in the released settings. */
const PRETRAINED_SHARE = 0.13;
const UNIMODAL = 'unimodal';
const DIVERGENCE = 'divergence';

export interface DomfnOptions {
  /** Weight of the divergence in the loss. */
  readonly eta: number;
  readonly gamma: number;
  readonly tau: number;
  readonly scores: 'sigmoid' | 'softmax';
  /** First epochs, in which unimodal heads train alone; null: 13 % of the run. */
  readonly pretrain: number | null;
}

/**
 * Divergence-orientated fusion: sample by sample, modalities that agree are fused, and where they diverge each trains by itself and the most
 * certain one decides. In the first epochs, phase `unimodal`, heads of the modalities train alone (term `unimodal`); then one term
 * `divergence` takes the place of all classification terms. Both are cross-entropies of the method's own, whichever loss the row has.
 *
 * Reports `fused`, the share of the samples that are fused.
 */
export function domfn({ eta, gamma, tau, scores, pretrain }: DomfnOptions, run: MethodContext): Method {
  const heads = ownHeads(run);
  const first = pretrain ?? Math.round(PRETRAINED_SHARE * run.epochs);
  const phaseAt = (epoch: number): string => (epoch < first ? UNIMODAL : '');
  const each = (logits: Readonly<Record<string, Tensor>>): Scores[] => Object.values(logits).map((own) => scoresOf(own, scores));
  return {
    phase: phaseAt(0),
    init: (random) => heads.init(random),
    epochStart: ({ epoch }) => ({ phase: phaseAt(epoch) }),
    plan: (phase) => (phase === UNIMODAL ? [{ name: 'step', parameters: (path) => !path.startsWith('fusion/') }] : []),
    losses({ phase, terms, scope, features, fused, labels, sampleWeights, ...context }) {
      const own = each(heads.logits(scope, features));
      const term = (name: string, values: Tensor): LossTerm[] => {
        const value = sampleWeights === undefined ? tf.mean(values) : weightedMean(values, sampleWeights);
        return [...terms.filter(({ kind }) => kind !== 'classification'), { name, kind: 'classification', value, weight: 1 }];
      };
      if (phase === UNIMODAL) return term(UNIMODAL, tf.addN(own.map(({ logits }) => sampleCrossEntropy(logits, labels))));
      const mask = fusedSamples(own, { gamma, tau });
      context.report('fused', tf.mean(mask));
      return term(DIVERGENCE, divergenceLoss(own, scoresOf(fused.logits, scores), labels, mask, eta));
    },
    predict({ scope, features, fused }) {
      const logits = heads.logits(scope, features);
      const own = each(logits);
      return {
        logits: divergencePrediction(own, scoresOf(fused.logits, scores), fusedSamples(own, { gamma, tau })),
        unimodal: Object.fromEntries(Object.keys(logits).map((name, i) => [name, own[i]!.logits])),
      };
    },
  };
}

/** The method `domfn`. */
export const domfnMethod = definePiece({
  kind: 'method',
  id: 'domfn',
  description: 'Fuses the samples whose modalities agree; where they diverge each trains alone and the most certain one decides',
  facts: {
    modalities: { min: 2 },
    claims: ['plan', 'objective', 'prediction'],
    backwardPassesPerStep: 1,
    paper: {
      title: 'DOMFN: A Divergence-Orientated Multi-Modal Fusion Network for Resume Assessment',
      venue: 'ACM MM 2022',
      url: 'https://doi.org/10.1145/3503161.3548203',
    },
    note: 'As the released code has it; there a batch is one sample, here samples of a batch are masked.',
  },
  options: z.object({
    eta: z.number().min(0).default(0.5).describe('Weight of the divergence in the loss, which rewards it'),
    gamma: z.number().positive().default(0.8).describe('A sample is fused where every divergence over tau is below gamma'),
    tau: z.number().positive().default(0.5).describe('Scale of the divergence'),
    scores: z
      .enum(['sigmoid', 'softmax'])
      .default('sigmoid')
      .describe('Confidences: sigmoids that the cross-entropy takes the softmax of once more (released), or class probabilities'),
    pretrain: z
      .int()
      .min(0)
      .nullable()
      .default(null)
      .describe('First epochs, in which unimodal heads train alone; null: 13 % of the run, as in the released settings'),
  }),
  create: domfn,
});
