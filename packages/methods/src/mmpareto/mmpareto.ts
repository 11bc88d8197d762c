import { definePiece, type GradientsContext, type Method, type MethodContext, type Tree } from '@equimodal/core';
import { addTrees, mapTree, modalityOf } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { ownHeads, unimodalTerm, withUnimodalTerms } from '../own-heads/own-heads.js';
import { integrate, type Integration } from './integration.js';

/**
 * MMPareto: the joint loss and the loss of a head of its own for each modality; for each encoder the two gradients that reach it
 * are joined without conflict (see `integrate`). Heads, fusion and everything else get the ordinary gradient.
 *
 * The joint gradient of an encoder is that of all terms but its own unimodal one, weighted as the row weighs them. What methods
 * before this one did to the gradients of encoders is replaced. Reports `cosine/<modality>` and `weight/<modality>` (of the joint gradient).
 */
export function mmpareto(integration: Integration, run: MethodContext): Method {
  const heads = ownHeads(run);
  return {
    init: (random) => heads.init(random),
    losses: (context) => withUnimodalTerms(context.terms, heads.terms(context)),
    gradients(context) {
      const joined: Tree = Object.assign(
        {},
        ...context.modalities.map((modality) => encoderGradients(context, modality, integration)),
      ) as Tree;
      return { ...context.gradients, ...joined };
    },
    predict: (context) => heads.predict(context),
  };
}

function encoderGradients(context: GradientsContext, modality: string, integration: Integration): Tree {
  const of = (chosen: (name: string) => boolean): Tree | undefined => {
    const trees = context.terms
      .filter(({ name }) => chosen(name))
      .map(({ name, weight }) => mapTree(encoderOf(context.byLoss[name]!, modality), (leaf) => tf.mul(leaf, weight)));
    return trees.length === 0 ? undefined : trees.reduce(addTrees);
  };
  const own = of((name) => name === unimodalTerm(modality));
  const joint = of((name) => name !== unimodalTerm(modality));
  if (own === undefined || joint === undefined || Object.keys(own).length === 0) return {};
  const { gradients, weight, cosine } = integrate(joint, own, integration);
  context.report(`cosine/${modality}`, cosine);
  context.report(`weight/${modality}`, weight);
  return gradients;
}

const encoderOf = (tree: Tree, modality: string): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([path]) => modalityOf(path) === modality));

/** The method `mmpareto`. */
export const mmparetoMethod = definePiece({
  kind: 'method',
  id: 'mmpareto',
  description: 'Joins joint and unimodal gradients of each encoder without conflict, at a strengthened length',
  facts: {
    modalities: { min: 2 },
    needs: ['gradients-by-loss'],
    claims: ['objective'],
    backwardPassesPerStep: { base: 1, perModality: 1 },
    paper: {
      title: 'MMPareto: Boosting Multimodal Learning with Innocent Unimodal Assistance',
      venue: 'ICML 2024',
      url: 'https://arxiv.org/abs/2405.17730',
    },
    note: 'Where no gradients conflict this is uniform training with encoder gradients times gamma: compare with uniform-x1.5.',
  },
  options: z.object({
    gamma: z.number().positive().default(1.5).describe('Factor on the gradients of the encoders'),
    rescale: z
      .enum(['tensor', 'encoder'])
      .default('tensor')
      .describe('What is lengthened: each tensor by itself, or the gradient of the encoder'),
    maxRescale: z.number().min(1).nullable().default(null).describe('Largest factor of the lengthening; null: none'),
  }),
  create: mmpareto,
});
