import { definePiece, type Method } from '@equimodal/core';
import { stopGradient } from '@equimodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { ogmRatios, ogmScores } from '../ogm/coefficients.js';
import { readOut } from '../read-out/read-out.js';
import { controlOf, endsAfterStart, windowControl, windowOptions, type Window } from '../window/window.js';
import { droppedShare, dropRates } from './dropping.js';

const WHERE = 'method "opm"';

export interface OpmOptions extends Window {
  /** Drop rate of a modality that is barely ahead. */
  readonly base: number;
  /** How much more is dropped of one that is far ahead. */
  readonly lambda: number;
  /** Probability that a batch is touched at all. */
  readonly probability: number;
}

/**
 * On-the-fly prediction modulation: whole features of the modality that is ahead are dropped, sample by sample, before they are fused:
 *
 *     phi_u,i <- keep_u,i phi_u,i / (1 - theta),   keep ~ Bernoulli(1 - q_u),   theta = sum_u d_u q_u / sum_u d_u
 *
 * With probability `probability` a batch is touched, else it passes as it is. The weakest modality is never dropped, so every sample keeps
 * something and none leaves the batch. Who is ahead is judged by read-outs of the features as they come, without a gradient. Nothing is dropped in evaluation. Reports `rate/<modality>`.
 */
export function opm({ base, lambda, probability, ...window }: OpmOptions): Method {
  return {
    ...windowControl(window),
    features(context) {
      const { modalities, features, labels, classes, random } = context;
      const still = Object.fromEntries(Object.entries(features).map(([name, own]) => [name, stopGradient(own)]));
      const fused = context.fuse(still);
      const readOuts = modalities.map((name) => stopGradient(readOut(fused, name, WHERE)));
      const rates = dropRates(ogmRatios(ogmScores(readOuts, labels, classes)), { base, lambda });
      const on = tf.mul(controlOf(context, 'active', WHERE), tf.cast(tf.less(tf.reshape(random.uniform([1]), []), probability), 'float32'));
      const theta = droppedShare(
        rates,
        modalities.map((name) => features[name]!.shape[1]!),
      );
      // 1 where the batch is not touched.
      const scale = tf.add(1, tf.mul(on, tf.sub(tf.div(1, tf.sub(1, tf.minimum(theta, MOST))), 1)));
      const draws = random.uniform([labels.shape[0]!, modalities.length]);
      const dropped = tf.mul(on, tf.cast(tf.less(draws, tf.expandDims(rates, 0)), 'float32'));
      const keep = tf.sub(1, dropped);
      const columns = tf.split(keep, modalities.length, 1);
      for (const [i, name] of modalities.entries()) context.report(`rate/${name}`, tf.mul(on, tf.reshape(tf.slice(rates, i, 1), [])));
      return {
        features: Object.fromEntries(modalities.map((name, i) => [name, tf.mul(features[name]!, tf.mul(columns[i]!, scale))])),
      };
    },
  };
}

/** Keeps the scale finite if everything is to be dropped. */
const MOST = 0.99;

/** The method `opm`. */
export const opmMethod = definePiece({
  kind: 'method',
  id: 'opm',
  description: 'Drops whole features of the modality that is ahead, sample by sample, before they are fused',
  facts: {
    modalities: { min: 2 },
    fusions: ['concat', 'sum', 'mean'],
    backwardPassesPerStep: 1,
    paper: {
      title: 'On-the-fly Modulation for Balanced Multimodal Learning',
      venue: 'TPAMI 2024',
      url: 'https://arxiv.org/abs/2410.11582',
    },
    note: 'As the released code does it; ratios of more than two modalities are pairwise means.',
  },
  options: z
    .object({
      base: z.number().min(0).max(1).default(0.5).describe('Drop rate of a modality that is barely ahead'),
      lambda: z.number().min(0).default(0.5).describe('How much more is dropped of one that is far ahead'),
      probability: z.number().min(0).max(1).default(0.7).describe('Probability that a batch is touched at all'),
      ...windowOptions,
      start: windowOptions.start.default(6),
    })
    .refine(...endsAfterStart),
  create: (options) => opm(options),
});
