import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EquimodalError, type Bundle, type LossTerm, type Program, type Tree } from '@equimodal/core';
import { dotTrees, hessianVectorProduct, openScope, subTree, valueAndGradients } from '@equimodal/nn';
import type { Model } from '../model/model.js';
import { objectiveTerms, totalOf, type Weighing } from '../step/objective.js';

/** Parts of the objective that are differentiated: a kind of terms, the classification terms of the fused or of the unimodal heads, or all. */
export type Part = 'classification' | 'fused' | 'unimodal' | 'alignment' | 'total';

/**
 * Gradients of parts of the objective as a pure program: `params`, `state`, `batch`, `controls` (`alpha`, `epoch`, `weight/<term>`) and, if
 * some parameters are not to be differentiated, `fixed` -> a tree of gradients by part, and `losses` by part. Batch norm uses batch
 * statistics, running statistics stay, dropout is off.
 */
export function gradientProgram(model: Model, parts: readonly Part[]): Program {
  return {
    name: `gradient of ${parts.join(' and ')}`,
    run(inputs: Bundle): Bundle {
      const params = inputs['params']!;
      const batch = inputs['batch']!;
      const controls = inputs['controls']!;
      const { alpha, epoch } = controls;
      const lossWeights = subTree('weight', controls);
      const outputs: Record<string, Tree> = {};
      const losses: Record<string, Tensor> = {};
      for (const part of parts) {
        const { value, gradients } = valueAndGradients(() => {
          // Training mode for the batch statistics; the new running statistics are dropped.
          const { scope } = openScope({
            params: { ...inputs['fixed'], ...params },
            state: inputs['state']!,
            training: true,
            key: NO_KEY(),
          });
          const features = model.encode(scope, subTree('inputs', batch));
          const fused = model.fuse(scope, features);
          const input = { model, scope, features, fused, labels: batch['labels']!, ...(epoch === undefined ? {} : { epoch }) };
          return { value: partialObjective(objectiveTerms(input), part, { alpha, lossWeights }), aux: {} };
        }, params);
        outputs[part] = gradients;
        losses[part] = value;
      }
      return { ...outputs, losses };
    },
  };
}

const NO_KEY = (): Tensor => tf.tensor1d([0, 0], 'int32');

function partialObjective(terms: readonly LossTerm[], part: Part, weighing: Weighing): Tensor {
  if (part === 'total') return totalOf(terms, weighing);
  const chosen = terms.filter((term) => isPartOf(term, part));
  if (chosen.length === 0) {
    throw new EquimodalError('EQM_CONFIG_INCOMPATIBLE', `the outer loss of alpha is "${part}", and the row has no such terms`, {
      where: `alpha.outerLoss`,
      fix: `The terms of the row are ${terms.map(({ name }) => `"${name}"`).join(', ')}.`,
    });
  }
  return totalOf(chosen, { ...weighing, alpha: undefined });
}

function isPartOf({ name, kind }: LossTerm, part: Part): boolean {
  if (part === 'fused') return kind === 'classification' && name === 'fused';
  if (part === 'unimodal') return kind === 'classification' && name.startsWith('unimodal/');
  return kind === part;
}

/**
 * The Hessian of the total times a direction as a pure program: the inputs of `gradients`, `direction`, `controls.distance` and, for a
 * one-sided difference, `from` -> `product`. Two gradients stand in one graph, so that they may run side by side.
 */
export function productProgram(gradients: Program): Program {
  return {
    name: 'hessian-vector-product',
    run(inputs) {
      const { distance, ...controls } = inputs['controls']!;
      const gradient = (params: Tree): Tree => gradients.run({ ...inputs, params, controls })['total']!;
      return { product: hessianVectorProduct(gradient, inputs['params']!, inputs['direction']!, distance!, inputs['from']) };
    },
  };
}

/**
 * Moments of the gradients of classification (c) and alignment (a) over each encoder as a pure program:
 * `params`, `state`, `batch`, `controls.epoch` -> `moments.packed` [3 x modalities]: c.c, a.a, c.a. Without alignment the last two are 0.
 */
export function measureProgram(model: Model): Program {
  const parts: readonly Part[] = model.alignment === null ? ['classification'] : ['classification', 'alignment'];
  const gradients = gradientProgram(model, parts);
  return {
    name: 'gradient-measures',
    run(inputs) {
      const { classification, alignment = {} } = gradients.run(inputs);
      const moments = model.modalities.flatMap((modality) => {
        const c = ofEncoder(modality, classification!);
        const a = ofEncoder(modality, alignment);
        return [dotTrees(c, c), dotTrees(a, a), Object.keys(a).length === 0 ? tf.scalar(0) : dotTrees(c, a)];
      });
      return { moments: { packed: tf.stack(moments) } };
    },
  };
}

function ofEncoder(modality: string, gradients: Tree): Tree {
  return Object.fromEntries(Object.entries(gradients).filter(([path]) => path.startsWith(`encoders/${modality}/`)));
}
