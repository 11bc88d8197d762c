import type { Fusion, FusionContext } from '@equimodal/core';
import { definePiece } from '@equimodal/core';
import { initChildren } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { linearHeads, presentOf } from '../heads/heads.js';

const WHERE = 'fusion "mean"';

/**
 * The mean of the logits of own linear heads: 1/M sum_m (W_m phi_m + b_m). The read-out of a modality is its own head.
 *
 * Parameters: `heads/<modality>/kernel` [featureSize, classes], `heads/<modality>/bias` [classes].
 *
 * @throws EQM_PLUGIN_FAULT when features are missing or do not have their declared size.
 */
export function mean(context: FusionContext): Fusion {
  const heads = linearHeads(context, WHERE);
  const average = (all: Tensor[]): Tensor => (all.length === 1 ? all[0]! : tf.div(tf.addN(all), all.length));
  return {
    init: (random) => initChildren({ heads }, random),
    apply(scope, features) {
      const unimodal = heads.apply(scope.at('heads'), features);
      return { logits: average(Object.values(unimodal)), unimodal };
    },
    partial: (scope, features) => average(Object.values(heads.apply(scope.at('heads'), features, presentOf(context, features, WHERE)))),
  };
}

/** The fusion `mean`. */
export const meanFusion = definePiece({
  kind: 'fusion',
  id: 'mean',
  description: 'Own linear heads, logits averaged; read-out: the own head',
  facts: { note: 'The fusion of the released LFM code.' },
  options: z.object({}),
  create: (_options, context) => mean(context),
});
