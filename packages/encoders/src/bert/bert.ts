import { definePiece, type Encoder } from '@equimodal/core';
import { checkShape, dropout, embedding, initChildren, layerNorm, linear, normal } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { checkLength, checkModality } from '../input/input.js';
import { firstStep, meanOverTime, tokenMask } from '../time/time.js';
import { learnedPositions } from '../transformer/positions.js';
import { stack, stackLayers } from '../transformer/stack.js';
import { names } from './names.js';

const ACCEPTS = ['tokens'] as const;
/** Id of [SEP] in the published vocabularies. */
const SEPARATOR = 102;
/** Segments of a text: the first and what follows the first separator. */
const SEGMENTS = 2;
const EPSILON = 1e-12;

const size = z.int().positive();

/**
 * BERT over tokens [batch, tokens] (int32, 0 is padding) -> [batch, width].
 *
 * Embeddings of word, position and segment are added up and normalised; blocks with norms behind their sums follow, padding gets no attention.
 * Features: tanh(h_0 W + b) of the first token's state h_0 (`pooled`), h_0 itself (`cls`), or the mean state of the real tokens (`mean`).
 *
 * Parameters, named after Hugging Face's `BertModel`: `embeddings/word/table`, `embeddings/position/table`, `embeddings/segment/table`,
 * `embeddings/norm`, `layers/0/...` (see `transformerBlock`), `pooler`; kernels and tables normal with deviation 0.02. See `names`.
 *
 * Source: Devlin et al., "BERT: Pre-training of deep bidirectional transformers for language understanding", NAACL 2019.
 */
export const bert = definePiece({
  kind: 'encoder',
  id: 'bert',
  description: 'BERT over tokens, BERT-base unless told otherwise; 768 features.',
  facts: {
    accepts: ACCEPTS,
    paper: {
      title: 'BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding',
      venue: 'NAACL 2019',
      url: 'https://arxiv.org/abs/1810.04805',
    },
  },
  options: z
    .strictObject({
      depth: size.default(12).describe('blocks on top of each other'),
      width: size.default(768).describe('size of a token inside, and of the features; a multiple of the heads'),
      heads: size.default(12).describe('attention heads of each block'),
      feedForward: size.default(3072).describe('width inside the feed-forward part of a block'),
      vocabulary: size.default(30522).describe('number of token ids; ids are less than this, 0 is padding'),
      positions: size.default(512).describe('longest text, in tokens'),
      segments: z
        .enum(['none', 'after-separator'])
        .default('none')
        .describe(`after-separator: what follows the first [SEP] (id ${SEPARATOR}) is the second segment`),
      output: z
        .enum(['pooled', 'cls', 'mean'])
        .default('pooled')
        .describe('features: pooled first token, first token, or mean of the real ones'),
      dropout: z
        .number()
        .min(0)
        .lt(1)
        .default(0.1)
        .describe('share dropped in training: of embeddings, of attention weights, of each branch'),
    })
    .refine(({ width, heads }) => width % heads === 0, { path: ['width'], message: 'the width is no multiple of the heads' }),
  create(options, { modality }): Encoder {
    checkModality('bert', ACCEPTS, modality);
    const { depth, width, heads, feedForward, output } = options;
    checkLength('bert', modality, options.positions);
    const kernelInitialiser = normal(0.02);
    const table = (vocabulary: number) => embedding({ vocabulary, size: width, tableInitialiser: kernelInitialiser });
    const word = table(options.vocabulary);
    const segment = table(SEGMENTS);
    const position = learnedPositions(options.positions, width);
    const norm = layerNorm({ size: width, epsilon: EPSILON });
    const drop = dropout({ rate: options.dropout });
    const layers = stack(depth, { width, heads, feedForward, norm: 'post', dropout: options.dropout, epsilon: EPSILON, kernelInitialiser });
    const pooler = linear({ inputs: width, outputs: width, kernelInitialiser });
    const embeddings = { 'embeddings/word': word, 'embeddings/position': position, 'embeddings/segment': segment, 'embeddings/norm': norm };
    const pooled = output === 'pooled';
    return {
      featureSize: width,
      names: names(options),
      layers: stackLayers(['embeddings'], depth, pooled ? ['pooler'] : []),
      init: (random) => initChildren({ ...embeddings, layers, ...(pooled && { pooler }) }, random),
      apply(scope, input) {
        checkShape(input, [null, ...modality.shape], scope.path);
        const ids = tf.cast(input, 'int32');
        const mask = tokenMask(ids);
        const at = scope.at('embeddings');
        const embedded = tf.tidy(() => {
          const kinds = segment.apply(at.at('segment'), options.segments === 'none' ? tf.zerosLike(ids) : segmentsOf(ids));
          const sum = position.apply(at.at('position'), tf.add(word.apply(at.at('word'), ids), kinds));
          return drop.apply(at.at('dropout'), norm.apply(at.at('norm'), sum));
        });
        const states = layers.apply(scope.at('layers'), embedded, mask);
        if (output === 'mean') return { features: meanOverTime(states, mask) };
        const first = firstStep(states);
        return { features: pooled ? tf.tanh(pooler.apply(scope.at('pooler'), first)) : first };
      },
    };
  },
});

/** 1 behind the first separator, where a token is real, else 0: int32, as the ids. */
function segmentsOf(ids: Tensor): Tensor {
  const separators = tf.cast(tf.equal(ids, tf.scalar(SEPARATOR, 'int32')), 'float32');
  const before = tf.cumsum(separators, 1, true);
  return tf.cast(tf.mul(tf.minimum(before, 1), tokenMask(ids)), 'int32');
}
