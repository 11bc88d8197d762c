import { definePiece, EquimodalError, type LossTerm, type Method, type MethodContext } from '@equimodal/core';
import { weightedMean } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { ownHeads, withUnimodalTerms } from '../own-heads/own-heads.js';

const TEACH = 'teach';
const DISTIL = 'distil';
const START = 'start';
const TEACHERS = 'teachers';

export interface UmtOptions {
  /** Weight of the distance to the teachers' features. */
  readonly scale: number;
  /** First epochs, which train the teachers; null: half of the run. */
  readonly teach: number | null;
}

/**
 * Squared distances of features to a teacher's [batch], mean over the size of the features.
 */
export const distances = (features: Tensor, teacher: Tensor): Tensor => tf.mean(tf.square(tf.sub(features, teacher)), 1);

/**
 * Uni-modal teachers: in phase `teach` every modality trains by itself, encoder and a head of its own, by `unimodal/<modality>`; what has
 * come of it is kept as the teachers and the model starts anew from where it began. In phase `distil` the objective is that of the row and
 *
 *     scale * sum_m mean || f_m(x) - teacher_m(x) ||^2
 *
 * as regularisers `distance/<modality>`. Epochs of the teachers are epochs of the run, and no candidates for selection.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE when the run is too short to train teachers and an epoch more.
 */
export function umt({ scale, teach }: UmtOptions, run: MethodContext): Method {
  const heads = ownHeads(run);
  const taught = teach ?? Math.floor(run.epochs / 2);
  if (run.epochs > 0 && (taught < 1 || taught >= run.epochs)) {
    throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `teachers take ${Math.max(1, taught)} of ${run.epochs} epochs`, {
      where: 'method "umt"',
      fix: 'Set training.epochs to two or more, and "teach" to less than that.',
    });
  }
  return {
    phase: TEACH,
    references: [TEACHERS],
    init: (random) => heads.init(random),
    plan: (phase) => (phase === TEACH ? [{ name: 'step', parameters: (path) => !path.startsWith('fusion/') }] : []),
    epochStart({ epoch, snapshot, restore }) {
      if (epoch === 0) snapshot(START);
      if (epoch === taught) {
        snapshot(TEACHERS);
        restore(START);
      }
      return epoch < taught ? { phase: TEACH, candidate: false } : { phase: DISTIL, candidate: true };
    },
    losses(context): readonly LossTerm[] {
      const { phase, modalities, features, terms, sampleWeights, reference } = context;
      if (phase === TEACH) {
        const rest = terms.filter(({ kind }) => kind === 'regulariser');
        return withUnimodalTerms(rest, heads.terms(context));
      }
      const teachers = reference(TEACHERS).features();
      return [
        ...terms,
        ...modalities.map((name): LossTerm => {
          const own = distances(features[name]!, teachers[name]!);
          const value = sampleWeights === undefined ? tf.mean(own) : weightedMean(own, sampleWeights);
          return { name: `distance/${name}`, kind: 'regulariser', value, weight: scale };
        }),
      ];
    },
  };
}

/** The method `umt`. */
export const umtMethod = definePiece({
  kind: 'method',
  id: 'umt',
  description: 'Trains each modality alone first, then holds the features of joint training close to those of these teachers',
  facts: {
    modalities: { min: 2 },
    claims: ['plan'],
    backwardPassesPerStep: 1,
    paper: {
      title: 'On Uni-Modal Feature Learning in Supervised Multi-Modal Learning',
      venue: 'ICML 2023',
      url: 'https://arxiv.org/abs/2305.01233',
    },
    note: 'Teachers take epochs of the run: half of it by default. All of them train at the same time.',
  },
  options: z.object({
    scale: z.number().min(0).default(10).describe("Weight of the distance to the teachers' features"),
    teach: z.int().positive().nullable().default(null).describe('First epochs, which train the teachers; null: half of the run'),
  }),
  create: umt,
});
