import { definePiece, type Encoder } from '@equimodal/core';
import { checkShape, conv2d, dropout, embedding, initChildren, relu, uniform } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { checkModality } from '../input/input.js';
import { maxOverTime, tokenMask } from '../time/time.js';

const ACCEPTS = ['tokens'] as const;

const size = z.int().positive();

/**
 * Convolutional network for sentences: tokens [batch, tokens] (int32, 0 is padding) -> embeddings [batch, tokens, embedding]; per width
 * a convolution over windows of that many tokens, ReLU and the maximum over windows; side by side [batch, widths * filters], dropout.
 *
 * As in Kim's own code, width - 1 zeros stand on both sides, so that every token is seen by `width` windows, however short the text.
 * Padding embeds as zeros, and windows of nothing but padding take no part in the maximum: padding never changes the features.
 *
 * Parameters: `embedding/table` [vocabulary, embedding] (uniform within 1/4), `width3/kernel` [3, 1, embedding, filters],
 * `width3/bias` [filters], ...
 *
 * Source: Kim, Convolutional neural networks for sentence classification, EMNLP 2014 (its variant CNN-rand).
 */
export const textCnn = definePiece({
  kind: 'encoder',
  id: 'text-cnn',
  description: "Kim's convolutional network for sentences: embedding, windows of several widths, maximum over time.",
  facts: {
    accepts: ACCEPTS,
    note: 'CNN-rand: embeddings are learnt from scratch; without its limit on the norms of the classifier.',
  },
  options: z
    .strictObject({
      vocabulary: size.default(30000).describe('number of token ids; ids are less than this, 0 is padding'),
      embedding: size.default(128).describe('size of a token embedding'),
      widths: z.array(size).min(1).default([3, 4, 5]).describe('tokens a window sees, one convolution each'),
      filters: size.default(100).describe('filters of each width'),
      dropout: z.number().min(0).lt(1).default(0.5).describe('share of features dropped in training'),
    })
    .refine(({ widths }) => new Set(widths).size === widths.length, { path: ['widths'], message: 'a width stands here twice' }),
  create(options, { modality }): Encoder {
    checkModality('text-cnn', ACCEPTS, modality);
    const { vocabulary, filters } = options;
    const words = embedding({ vocabulary, size: options.embedding, padding: 0, tableInitialiser: uniform(0.25) });
    const windows = options.widths.map((width) => ({
      name: `width${width}`,
      width,
      conv: conv2d({ inputs: options.embedding, filters, kernel: [width, 1] }),
    }));
    const drop = dropout({ rate: options.dropout });
    const children = { embedding: words, ...Object.fromEntries(windows.map(({ name, conv }) => [name, conv])) };
    return {
      featureSize: windows.length * filters,
      init: (random) => initChildren(children, random),
      apply(scope, input) {
        checkShape(input, [null, ...modality.shape], scope.path);
        const [batch, tokens] = input.shape as [number, number];
        const ids = tf.cast(input, 'int32');
        const real = tokenMask(ids);
        const embedded = tf.reshape(words.apply(scope.at('embedding'), ids), [batch, tokens, 1, options.embedding]);
        const pooled = windows.map(({ name, width, conv }) => {
          const at = scope.at(name);
          const around: [number, number] = [width - 1, width - 1];
          const maps = relu.apply(at, conv.apply(at, tf.pad(embedded, [[0, 0], around, [0, 0], [0, 0]])));
          return maxOverTime(tf.squeeze(maps, [2]), seen(tf.pad(real, [[0, 0], around]), width));
        });
        const features = pooled.length === 1 ? pooled[0]! : tf.concat(pooled, 1);
        return { features: drop.apply(scope.at('dropout'), features) };
      },
    };
  },
});

/** Which windows hold a real token: [batch, tokens] -> [batch, tokens - width + 1]. */
function seen(real: Tensor, width: number): Tensor {
  const [batch, tokens] = real.shape as [number, number];
  const count = tokens - width + 1;
  const shifted = Array.from({ length: width }, (_, i) => tf.slice(real, [0, i], [batch, count]));
  return shifted.reduce((most, part) => tf.maximum(most, part));
}
