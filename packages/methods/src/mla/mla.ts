import { definePiece, EquimodalError, type LossTerm, type Method, type MethodContext, type UpdateStage } from '@equimodal/core';
import { stopGradient } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { unimodalTerm, withUnimodalTerms } from '../own-heads/own-heads.js';
import { readOut } from '../read-out/read-out.js';
import { controlOf } from '../window/window.js';
import { batchEntropyWeighted, entropyWeighted } from './entropy.js';
import { projected, updateProjector, type MlaProjection } from './projection.js';

const WHERE = 'method "mla"';
const KERNEL = 'fusion/head/kernel';

export interface MlaOptions {
  readonly projection: MlaProjection;
  readonly renormalise: boolean;
  readonly combine: 'entropy' | 'batch-entropy' | 'weights';
  /** Weights of the modalities' logits in the prediction, in their order; null: all alike. Only with `combine: weights`. */
  readonly weights: readonly number[] | null;
}

/**
 * Multimodal learning with alternating unimodal adaptation. Every batch takes one optimizer step a modality, in their order: the loss
 * of its read-out trains its encoder and the shared head, nothing else moves. From the second step of the run on the head's gradient
 * goes through a projector that remembers the mean features of the steps before (see `updateProjector`), with alpha = 0.1^(1 + b / B)
 * for batch b of B of the epoch. The prediction weighs logits by the confidence of each modality, sample by sample.
 *
 * Terms that are no classification (alignment, regularisers) are in every step. Reports `trace`, that of the projector over its size.
 *
 * @throws EQM_CONFIG_INCOMPATIBLE when `weights` has another length than there are modalities, or a projection meets a head with a hidden layer.
 */
export function mla({ projection, renormalise, combine, weights }: MlaOptions, { modalities }: MethodContext): Method {
  if (weights !== null && weights.length !== modalities.length) {
    throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `"weights" has ${weights.length} numbers for ${modalities.length} modalities`, {
      where: WHERE,
      fix: 'Give one number for each modality, in their order, or null.',
    });
  }
  const alphaAt = (step: number, steps: number): number => 0.1 ** (1 + step / Math.max(steps, 1));
  const stages = modalities.map((modality): UpdateStage => ({
    name: modality,
    terms: (name) => !isUnimodal(name) || name === unimodalTerm(modality),
    parameters: (path) => !path.startsWith('encoders/') || path.startsWith(`encoders/${modality}/`),
  }));
  return {
    plan: () => stages,
    ...(projection === 'none'
      ? {}
      : {
          memory: (params) => ({ projector: tf.eye(headSize(params[KERNEL])), count: tf.scalar(0) }),
          controls: { alpha: alphaAt(0, 1) },
          epochStart: ({ stepsPerEpoch }) => ({ controls: { alpha: alphaAt(0, stepsPerEpoch) } }),
          stepEnd: ({ step, stepsPerEpoch }) => ({ controls: { alpha: alphaAt(step + 1, stepsPerEpoch) } }),
        }),
    losses(context) {
      const { fused, memory, stage, terms } = context;
      if (projection !== 'none') {
        // The very first step of the run has nothing to preserve.
        const [old, count] = [memory.get('projector'), memory.get('count')];
        const mean = tf.mean(stopGradient((fused.mapped ?? context.features)[stage]!), 0);
        const next = updateProjector(old, mean, controlOf(context, 'alpha', WHERE), projection, renormalise);
        memory.set('projector', tf.where(tf.greater(count, 0), next, old));
        memory.set('count', tf.add(count, 1));
      }
      const own = modalities.map((modality): LossTerm => ({
        name: unimodalTerm(modality),
        kind: 'classification',
        value: context.classification(readOut(fused, modality, WHERE)),
        weight: 1,
      }));
      const others = terms.filter(({ kind }) => kind !== 'classification');
      return withUnimodalTerms(others, own);
    },
    gradients(context) {
      const gradient = context.gradients[KERNEL];
      if (projection === 'none' || gradient === undefined) return undefined;
      const projector = context.memory.get('projector');
      const size = projector.shape[0]!;
      context.report('trace', tf.div(tf.sum(tf.mul(projector, tf.eye(size))), size));
      return { ...context.gradients, [KERNEL]: projected(projector, gradient) };
    },
    predict({ modalities: present, fused }) {
      const logits = present.map((modality) => readOut(fused, modality, WHERE));
      if (combine === 'entropy') return entropyWeighted(logits);
      if (combine === 'batch-entropy') return batchEntropyWeighted(logits);
      return tf.addN(logits.map((own, i) => tf.mul(own, weights?.[i] ?? 1 / logits.length)));
    },
  };
}

const isUnimodal = (name: string): boolean => name.startsWith('unimodal/');

function headSize(kernel: Tensor | undefined): number {
  if (kernel !== undefined) return kernel.shape[0]!;
  throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', 'the projection works on one linear head, and the fusion has none', {
    where: WHERE,
    fix: 'Use "shared-head" without "hidden", or set "projection: none".',
  });
}

/** The method `mla`. */
export const mlaMethod = definePiece({
  kind: 'method',
  id: 'mla',
  description: 'One step a modality in turn through a shared head, whose gradient spares what it learned from the others',
  facts: {
    modalities: { min: 2 },
    fusions: ['shared-head'],
    claims: ['plan', 'objective', 'prediction'],
    backwardPassesPerStep: { base: 0, perModality: 1 },
    paper: {
      title: 'Multimodal Representation Learning by Alternating Unimodal Adaptation',
      venue: 'CVPR 2024',
      url: 'https://arxiv.org/abs/2311.10707',
    },
    note: 'In the released code the projection never acts (`projection: none`) and its rule is no projector (`literal`).',
  },
  options: z.object({
    projection: z
      .enum(['rls', 'literal', 'none'])
      .default('rls')
      .describe('How the gradient of the shared head is projected: recursive least squares, as the released code writes it, or not at all'),
    renormalise: z.boolean().default(false).describe('Divide the projector by its Frobenius norm at every step, as the released code does'),
    combine: z
      .enum(['entropy', 'batch-entropy', 'weights'])
      .default('entropy')
      .describe('How logits are joined in the prediction: by the entropy of each sample, of the batch (released), or by fixed weights'),
    weights: z.array(z.number().min(0)).nullable().default(null).describe('Fixed weights, one for each modality; null: all alike'),
  }),
  create: mla,
});
