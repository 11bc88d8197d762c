import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Bundle, LossTerm, Program, Tree } from '@equimodal/core';
import { dotTrees, hessianVectorProduct, openScope, subTree, valueAndGradients } from '@equimodal/nn';
import type { Model } from '../model/model.js';
import { objectiveTerms, totalOf } from '../step/objective.js';

/** Parts of the objective that are differentiated. */
export type Part = 'classification' | 'alignment' | 'total';

/**
 * Gradients of parts of the objective as a pure program: `params`, `state`, `batch`, `controls.alpha`
 * -> a tree of gradients by part, and `losses` by part. Batch norm uses batch statistics, running
 * statistics stay, dropout is off.
 */
export function gradientProgram(model: Model, parts: readonly Part[]): Program {
  return {
    name: `gradient of ${parts.join(' and ')}`,
    run(inputs: Bundle): Bundle {
      const params = inputs['params']!;
      const batch = inputs['batch']!;
      const outputs: Record<string, Tree> = {};
      const losses: Record<string, Tensor> = {};
      for (const part of parts) {
        const { value, gradients } = valueAndGradients(() => {
          // Training mode for the batch statistics; the new running statistics are dropped.
          const { scope } = openScope({ params, state: inputs['state']!, training: true, key: NO_KEY() });
          const features = model.encode(scope, subTree('inputs', batch));
          const fused = model.fuse(scope, features);
          const terms = objectiveTerms({ model, scope, features, fused, labels: batch['labels']! });
          return { value: partialObjective(terms, part, inputs['controls']!['alpha']!), aux: {} };
        }, params);
        outputs[part] = gradients;
        losses[part] = value;
      }
      return { ...outputs, losses };
    },
  };
}

const NO_KEY = (): Tensor => tf.tensor1d([0, 0], 'int32');

function partialObjective(terms: readonly LossTerm[], part: Part, alpha: Tensor): Tensor {
  if (part === 'total') return totalOf(terms, { alpha, lossWeights: {} });
  return totalOf(
    terms.filter((term) => term.kind === part),
    { alpha: undefined, lossWeights: {} },
  );
}

/**
 * The Hessian of the total times a direction as a pure program: the inputs of `gradients`, `direction` and
 * `controls.distance` -> `product`. Both gradients stand in one graph, so that they may run side by side.
 */
export function productProgram(gradients: Program): Program {
  return {
    name: 'hessian-vector-product',
    run(inputs) {
      const { alpha, distance } = inputs['controls']!;
      const gradient = (params: Tree): Tree => gradients.run({ ...inputs, params, controls: { alpha: alpha! } })['total']!;
      return { product: hessianVectorProduct(gradient, inputs['params']!, inputs['direction']!, distance!) };
    },
  };
}

/**
 * Moments of the gradients of classification (c) and alignment (a) over each encoder as a pure program:
 * `params`, `state`, `batch` -> `moments.packed` [3 x modalities]: c.c, a.a, c.a. Without alignment the last two are 0.
 */
export function measureProgram(model: Model): Program {
  const parts: readonly Part[] = model.alignment === null ? ['classification'] : ['classification', 'alignment'];
  const gradients = gradientProgram(model, parts);
  return {
    name: 'gradient-measures',
    run(inputs) {
      const { classification, alignment = {} } = gradients.run({ ...inputs, controls: { alpha: tf.scalar(0) } });
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
