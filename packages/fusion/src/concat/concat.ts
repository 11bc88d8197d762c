import type { Fusion, FusionContext, Scope } from '@equimodal/core';
import { definePiece } from '@equimodal/core';
import { checkShape, initChildren, linear } from '@equimodal/nn';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { featureSizeOf, featuresOf, presentOf } from '../heads/heads.js';

const WHERE = 'fusion "concat"';

/**
 * One linear layer on the concatenated features: W [phi_1; ...; phi_M] + b.
 *
 * The read-out of modality u is W_u phi_u + b / M, with W_u the rows of the kernel that belong to u, so the read-outs
 * add up to the fused logits exactly. Parameters: `head/kernel` [sum of feature sizes, classes], rows in the order of
 * `modalities`; `head/bias` [classes].
 *
 * @throws EQM_PLUGIN_FAULT when features are missing or do not have their declared size.
 */
export function concat(context: FusionContext): Fusion {
  const { modalities, classes } = context;
  const sizes = modalities.map((modality) => featureSizeOf(context, modality, WHERE));
  const head = linear({ inputs: sizes.reduce((sum, size) => sum + size, 0), outputs: classes });
  const partsOf = (scope: Scope, features: Readonly<Record<string, Tensor>>, of: readonly string[]): Tensor[] => {
    const kernel = scope.param('kernel') as Tensor2D;
    // A split into one part has a broken gradient in TensorFlow.js.
    const kernels = sizes.length === 1 ? [kernel] : tf.split(kernel, sizes, 0);
    return of.map((modality) => {
      const [input, i] = [featuresOf(features, modality, WHERE), modalities.indexOf(modality)];
      checkShape(input, [null, sizes[i]!], `${WHERE}, features of "${modality}"`);
      return tf.matMul(input as Tensor2D, kernels[i]!);
    });
  };
  const total = (parts: Tensor[], bias: Tensor): Tensor => tf.add(parts.length === 1 ? parts[0]! : tf.addN(parts), bias);
  return {
    init: (random) => initChildren({ head }, random),
    apply(scope, features) {
      const own = scope.at('head');
      const bias = own.param('bias');
      const parts = partsOf(own, features, modalities);
      const share = tf.div(bias, modalities.length);
      return {
        logits: total(parts, bias),
        unimodal: Object.fromEntries(modalities.map((modality, i) => [modality, tf.add(parts[i]!, share)])),
      };
    },
    partial(scope, features) {
      const own = scope.at('head');
      return total(partsOf(own, features, presentOf(context, features, WHERE)), own.param('bias'));
    },
  };
}

/** The fusion `concat`. */
export const concatFusion = definePiece({
  kind: 'fusion',
  id: 'concat',
  description: 'One linear layer on the concatenated features; read-out: its share W_u phi_u + b/M',
  facts: {},
  options: z.object({}),
  create: (_options, context) => concat(context),
});
