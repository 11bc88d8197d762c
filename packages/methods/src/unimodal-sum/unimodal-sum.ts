import { definePiece, type LossTerm, type Method } from '@equimodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { readOut } from '../read-out/read-out.js';

const WHERE = 'method "unimodal-sum"';

/**
 * Trains every modality's read-out by itself and predicts with their mean.
 *
 * The classification terms are replaced by one term `unimodal/<modality>` of weight 1 per modality, the configured
 * classification loss on its read-out; alignment and regularisers stay. The prediction is the mean of the read-outs' logits.
 *
 * @throws EQM_PLUGIN_FAULT when the fusion gives no read-out for a modality.
 */
export function unimodalSum(): Method {
  return {
    losses({ modalities, fused, terms, classification }) {
      const own = modalities.map((modality): LossTerm => ({
        name: `unimodal/${modality}`,
        kind: 'classification',
        value: classification(readOut(fused, modality, WHERE)),
        weight: 1,
      }));
      return [...own, ...terms.filter((term) => term.kind !== 'classification')];
    },
    predict({ modalities, fused }) {
      const logits = modalities.map((modality) => readOut(fused, modality, WHERE));
      return logits.length === 1 ? logits[0]! : tf.div(tf.addN(logits), logits.length);
    },
  };
}

/** The method `unimodal-sum`. */
export const unimodalSumMethod = definePiece({
  kind: 'method',
  id: 'unimodal-sum',
  description: 'Sum of the unimodal losses, prediction by the mean of the unimodal logits',
  facts: {
    claims: ['objective', 'prediction'],
    backwardPassesPerStep: 1,
    note: 'With the fusions "sum" and "mean" the modalities share no parameter: it is an ensemble trained in one run.',
  },
  options: z.object({}),
  create: () => unimodalSum(),
});
