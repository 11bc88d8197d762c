import { definePiece } from '@equimodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

/**
 * Zeroes whole modalities of a sample, each with a rate that rises linearly over the first epochs. A sample that would lose all keeps all.
 * The rate changes between steps, so it is a control; the draws come from the step's own stream.
 */
export const modalityDropout = definePiece({
  kind: 'method',
  id: 'modality-dropout',
  description: 'Zeroes whole modalities of a sample at random, never all of them',
  facts: { modalities: { min: 2 }, paper: { title: 'ModDrop: Adaptive Multi-Modal Gesture Recognition', venue: 'TPAMI 2016' } },
  options: z.object({
    rate: z.number().min(0).lt(1).default(0.3),
    warmUp: z.int().min(0).default(2).describe('Epochs over which the rate rises'),
  }),
  create: ({ rate, warmUp }) => ({
    controls: { rate: 0 },
    epochStart: ({ epoch }) => ({ controls: { rate: warmUp === 0 ? rate : rate * Math.min(1, epoch / warmUp) } }),
    features({ modalities, features, labels, controls, random, report }) {
      const draws = random.uniform([labels.shape[0], modalities.length]);
      const kept = tf.cast(tf.greaterEqual(draws, controls.rate), 'float32');
      const any = tf.max(kept, 1, true);
      const keep = tf.add(kept, tf.sub(1, any)); // all of a sample that would lose all
      report('kept', tf.mean(keep));
      const columns = tf.split(keep, modalities.length, 1);
      return { features: Object.fromEntries(modalities.map((name, i) => [name, tf.mul(features[name], columns[i])])) };
    },
  }),
});
