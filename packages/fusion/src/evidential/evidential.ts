import type { Fusion, FusionContext } from '@equimodal/core';
import { definePiece } from '@equimodal/core';
import { initChildren } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { concat } from '../concat/concat.js';
import { linearHeads, presentOf } from '../heads/heads.js';

const WHERE = 'fusion "evidential"';

/**
 * Dempster-Shafer combination of evidence in closed form: e = K (prod_v (1 + e_v / K) - 1), element-wise.
 *
 * It equals the reduced combination rule applied view by view, in any order; evidence of zeros changes nothing.
 *
 * @param evidence float32 [batch, classes] per view, not negative
 */
export function combineEvidence(evidence: readonly Tensor[], classes: number): Tensor {
  if (evidence.length === 1) return evidence[0]!;
  const logs = evidence.map((own) => tf.log1p(tf.div(own, classes)));
  return tf.mul(tf.expm1(tf.addN(logs)), classes);
}

/** Uncertainty mass u = K / S of Dirichlet parameters alpha, [batch, 1]. */
export const uncertainty = (alpha: Tensor): Tensor => tf.div(alpha.shape.at(-1)!, tf.sum(alpha, -1, true));

/**
 * Trusted multi-view classification. Own linear heads give evidence e_m = softplus(l_m), Dirichlet parameters
 * alpha_m = e_m + 1; evidence is combined by Dempster's rule (`combineEvidence`).
 *
 * Logits are log alpha, so their softmax is the expected probability alpha / S and their exponential gives alpha back
 * (for the loss `evidential`). Uncertainty K / S only falls with more views, also when they disagree. The read-out of a
 * modality is its own log alpha_m. With the pseudo-view (ETMC) a head on the concatenated features is one more view, with a
 * read-out under `auxiliary`; it is left out when a modality is missing, whose evidence is zero then.
 *
 * Parameters: `heads/<modality>/kernel` [featureSize, classes], `heads/<modality>/bias`; `pseudo/head` as in `concat`.
 * Source: Han et al., "Trusted Multi-View Classification", ICLR 2021 (TMC), and TPAMI 2023 (ETMC).
 *
 * @throws EQM_PLUGIN_FAULT when features are missing or do not have their declared size.
 */
export function evidential(context: FusionContext, { pseudoView = true }: { pseudoView?: boolean } = {}): Fusion {
  const { modalities, classes } = context;
  const heads = linearHeads(context, WHERE);
  // One modality has nothing to concatenate.
  const pseudo = pseudoView && modalities.length > 1 ? concat(context) : undefined;
  const logAlpha = (evidence: Tensor): Tensor => tf.log(tf.add(evidence, 1));
  const evidenceOf = (logits: Readonly<Record<string, Tensor>>) =>
    Object.fromEntries(Object.entries(logits).map(([name, own]) => [name, tf.softplus(own)]));
  const logAlphas = (evidence: Readonly<Record<string, Tensor>>) =>
    Object.fromEntries(Object.entries(evidence).map(([name, own]) => [name, logAlpha(own)]));
  return {
    init: (random) => initChildren({ heads, ...(pseudo === undefined ? {} : { pseudo }) }, random),
    apply(scope, features) {
      const views = evidenceOf(heads.apply(scope.at('heads'), features));
      const others = pseudo === undefined ? {} : evidenceOf({ pseudo: pseudo.apply(scope.at('pseudo'), features).logits });
      const combined = combineEvidence([...Object.values(views), ...Object.values(others)], classes);
      return {
        logits: logAlpha(combined),
        unimodal: logAlphas(views),
        auxiliary: logAlphas(others),
        measures: { uncertainty: tf.squeeze(uncertainty(tf.add(combined, 1)), [1]) },
      };
    },
    partial(scope, features) {
      const present = presentOf(context, features, WHERE);
      const evidence = Object.values(evidenceOf(heads.apply(scope.at('heads'), features, present)));
      if (pseudo !== undefined && present.length === modalities.length) {
        evidence.push(tf.softplus(pseudo.apply(scope.at('pseudo'), features).logits));
      }
      return logAlpha(combineEvidence(evidence, classes));
    },
  };
}

/** The fusion `evidential`. */
export const evidentialFusion = definePiece({
  kind: 'fusion',
  id: 'evidential',
  description: 'Dempster-Shafer combination of evidence (TMC, ETMC); read-out: the evidence of one view',
  facts: {
    paper: {
      title: 'Trusted Multi-View Classification with Dynamic Evidential Fusion',
      venue: 'TPAMI 2023',
      url: 'https://arxiv.org/abs/2204.11423',
    },
    note: 'Logits are log(evidence + 1): probabilities are alpha / S.',
  },
  options: z.object({
    pseudoView: z.boolean().default(true).describe('One more view from the concatenated features: ETMC; without it TMC'),
  }),
  create: (options, context) => evidential(context, options),
});
