import { definePiece, type Fused, type LossesContext, type LossTerm, type Method, type MethodContext, type Scope } from '@equimodal/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { readOut } from '../read-out/read-out.js';
import { agreementLoss, releasedResidualLoss, residualLoss } from './residual.js';
import { boostingEpoch, membersBefore } from './stages.js';

const WHERE = 'method "reconboost"';
const BOOST = 'boost';
const AGREEMENT = 'agreement';
const RECTIFY = 'rectify';

export interface ReconBoostOptions {
  readonly form: 'paper' | 'released';
  /** Epochs in which one learner is trained. */
  readonly boostEpochs: number;
  /** Epochs in which all of the ensemble are trained after it. */
  readonly rectifyEpochs: number;
  /** Share of the ensemble's prediction that is taken off the target (paper form). */
  readonly lambda: number;
  /** Probability below which the part taken off pushes no further (paper form). */
  readonly floor: number;
  /** Weights of label and ensemble (released form). */
  readonly weights: readonly [number, number];
  /** Weight of the agreement with the learner before. */
  readonly agreement: number;
  readonly agreementSpace: 'probability' | 'logit';
}

/**
 * Boosting over modalities: stage by stage the learner of one modality (encoder and shared head) is trained on the residual that the
 * ensemble of the others leaves, then the whole ensemble, rho times the sum of its newest learners, is rectified together. Each part of a
 * stage starts with a fresh optimizer. Until every modality has a learner the model of an epoch is no candidate for selection.
 *
 * Phases: `boost <modality> after <members>` and `rectify <members>`. Parameters: `rho`, scalar, 1 at first. Terms: `boost`, `agreement`
 * and `rectify`.
 *
 * @throws EQM_PLUGIN_FAULT when the fusion gives no read-out for a modality.
 */
export function reconboost(options: ReconBoostOptions, { modalities }: MethodContext): Method {
  const { boostEpochs, rectifyEpochs } = options;
  const phaseAt = (epoch: number): string => {
    const { stage, kind } = boostingEpoch(epoch, { boost: boostEpochs, rectify: rectifyEpochs });
    return phaseOf(kind, modalities[stage % modalities.length]!, membersBefore(kind === BOOST ? stage : stage + 1, modalities));
  };
  return {
    phase: phaseAt(0),
    init: () => ({ params: { rho: tf.scalar(1) }, state: {} }),
    plan(phase) {
      const { kind, trained } = parsed(phase);
      const encoders = kind === BOOST ? trained : parsed(phase).members;
      return [
        {
          name: 'step',
          terms: (name) => [BOOST, AGREEMENT, RECTIFY].includes(name) || !isOwn(name),
          parameters: (path) =>
            encoders.some((name) => path.startsWith(`encoders/${name}/`)) ||
            path.startsWith('fusion/') ||
            (kind === RECTIFY && path.startsWith('methods/')),
        },
      ];
    },
    epochStart({ epoch, resetOptimizer }) {
      const { stage, kind, first } = boostingEpoch(epoch, { boost: boostEpochs, rectify: rectifyEpochs });
      if (first) resetOptimizer();
      const complete = membersBefore(kind === BOOST ? stage : stage + 1, modalities).length === modalities.length;
      return { phase: phaseAt(epoch), candidate: complete };
    },
    losses: (context) => [
      ...context.terms.filter(({ kind }) => kind !== 'classification'),
      ...(parsed(context.phase).kind === BOOST ? boosting(context, options) : [rectifying(context)]),
    ],
    predict: ({ modalities: present, fused, scope }) => ensemble(scope, fused, present),
  };
}

const isOwn = (name: string): boolean => name === 'fused' || name.startsWith('unimodal/');

const phaseOf = (kind: 'boost' | 'rectify', trained: string, members: readonly string[]): string =>
  kind === BOOST ? `${BOOST} ${trained} after ${members.join('+')}` : `${RECTIFY} ${members.join('+')}`;

function parsed(phase: string): { kind: 'boost' | 'rectify'; trained: string[]; members: string[] } {
  const [kind, ...rest] = phase.split(' ');
  const members = (rest.at(-1) ?? '').split('+').filter((name) => name !== '');
  return kind === BOOST ? { kind, trained: [rest[0]!], members } : { kind: RECTIFY, trained: [], members };
}

/** rho times the sum of the logits of some modalities, [batch, classes]. */
function ensemble(scope: Scope, fused: Pick<Fused, 'unimodal'>, members: readonly string[]): Tensor {
  return tf.mul(scope.param('rho'), tf.addN(members.map((name) => readOut(fused, name, WHERE))));
}

function boosting(context: LossesContext, options: ReconBoostOptions): LossTerm[] {
  const { fused, labels, classes, scope, phase, modalities } = context;
  const { form, weights, agreement, agreementSpace } = options;
  const { trained, members } = parsed(phase);
  const [name] = trained as [string];
  const others = members.filter((member) => member !== name);
  const logits = readOut(fused, name, WHERE);
  const rest = others.length === 0 ? undefined : ensemble(scope, fused, others);
  const loss =
    form === 'paper' ? residualLoss(logits, rest, labels, classes, options) : releasedResidualLoss(logits, rest, labels, classes, weights);
  const terms: LossTerm[] = [{ name: BOOST, kind: 'classification', value: loss, weight: 1 }];
  // The learner before is that of the modality before, in a circle, if it has one.
  const before = modalities.at(modalities.indexOf(name) - 1)!;
  if (agreement === 0 || !others.includes(before)) return terms;
  const value = agreementLoss(logits, readOut(fused, before, WHERE), agreementSpace);
  return [...terms, { name: AGREEMENT, kind: 'classification', value, weight: agreement }];
}

function rectifying(context: LossesContext): LossTerm {
  const { members } = parsed(context.phase);
  const value = context.classification(ensemble(context.scope, context.fused, members));
  return { name: RECTIFY, kind: 'classification', value, weight: 1 };
}

/** The method `reconboost`. */
export const reconboostMethod = definePiece({
  kind: 'method',
  id: 'reconboost',
  description: 'Boosting over modalities: each is trained on what the others leave, then the ensemble is rectified',
  facts: {
    modalities: { min: 2 },
    fusions: ['shared-head'],
    claims: ['plan', 'objective', 'prediction'],
    backwardPassesPerStep: 1,
    paper: {
      title: 'ReconBoost: Boosting Can Achieve Modality Reconcilement',
      venue: 'ICML 2024',
      url: 'https://arxiv.org/abs/2405.09321',
    },
    note: 'An epoch is one pass over the data, whatever it trains: a stage takes boostEpochs + rectifyEpochs of the run.',
  },
  options: z.object({
    form: z
      .enum(['paper', 'released'])
      .default('paper')
      .describe('The residual of all classes, or of the true class alone as in the released code'),
    boostEpochs: z.int().positive().default(4).describe('Epochs in which one learner is trained'),
    rectifyEpochs: z.int().positive().default(4).describe('Epochs in which the whole ensemble is trained after it'),
    lambda: z.number().min(0).max(1).default(0.2).describe('Share of the ensemble’s prediction that is taken off the target (paper form)'),
    floor: z
      .number()
      .min(0)
      .lt(1)
      .default(1e-4)
      .describe('Probability below which the part taken off pushes no further (paper form); 0: none, and the loss has no lower bound'),
    weights: z
      .tuple([z.number().min(0), z.number().min(0)])
      .default([5, 1])
      .describe('Weights of label and ensemble (released form)'),
    agreement: z.number().min(0).default(0.5).describe('Weight of the agreement with the learner before'),
    agreementSpace: z.enum(['probability', 'logit']).default('probability').describe('What agrees: class probabilities or logits'),
  }),
  create: reconboost,
});
