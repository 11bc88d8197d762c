import { definePiece, type Method, type MethodContext } from '@equimodal/core';
import { mapTree, modalityOf } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { ownHeads, withUnimodalTerms } from '../own-heads/own-heads.js';

export interface UniformOptions {
  /** Factor on the gradients of all encoders. */
  readonly encoderScale: number;
}

/**
 * Multi-task training: the joint loss plus the loss of a linear head of its own for each modality, all of weight 1. The
 * gradients of the encoders are multiplied by `encoderScale`, those of the heads are not.
 *
 * It is what MMPareto does where no objectives conflict, so it shows how much of that method is a larger step of the encoders.
 */
export function uniform({ encoderScale }: UniformOptions, run: MethodContext): Method {
  const heads = ownHeads(run);
  return {
    init: (random) => heads.init(random),
    losses: (context) => withUnimodalTerms(context.terms, heads.terms(context)),
    gradients: ({ gradients }) =>
      encoderScale === 1
        ? undefined
        : mapTree(gradients, (gradient, path) => (modalityOf(path) === undefined ? gradient : tf.mul(gradient, encoderScale))),
    predict: (context) => heads.predict(context),
  };
}

/** The method `uniform`. */
export const uniformMethod = definePiece({
  kind: 'method',
  id: 'uniform',
  description: 'Joint loss plus the loss of a head of its own for each modality, with a factor on the encoders’ gradients',
  facts: {
    modalities: { min: 2 },
    claims: ['objective'],
    backwardPassesPerStep: 1,
    note: 'The control that MMPareto needs. Made for SGD: Adam divides a steady factor on the gradient away.',
  },
  options: z.object({
    encoderScale: z.number().positive().default(1).describe('Factor on the gradients of all encoders'),
  }),
  create: uniform,
});
