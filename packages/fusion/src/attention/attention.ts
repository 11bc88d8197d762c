import type { Fusion, FusionContext, RandomStream, Scope } from '@equimodal/core';
import { definePiece } from '@equimodal/core';
import { initChildren, layerNorm, linear, mergeVariables, normal, sequential, transformerBlock } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { featureSizeOf, featuresOf, presentOf } from '../heads/heads.js';

const WHERE = 'fusion "attention"';

export interface AttentionOptions {
  /** Size of a token. Default 64. */
  readonly width?: number;
  /** Tokens that a modality's features are cut into. Default 4. */
  readonly tokens?: number;
  readonly heads?: number;
  readonly layers?: number;
  readonly dropout?: number;
}

/**
 * A small cross-modal transformer. A linear map turns the features of each modality into `tokens` tokens, to which a learnt
 * embedding of modality and position is added; behind a learnt class token they go through pre-norm blocks, where every
 * token attends to all; logits = W norm(class token) + b.
 *
 * The read-out of a modality is the same network on the class token and its own tokens: nothing stands in for the others.
 *
 * Parameters: `maps/<modality>/kernel` [featureSize, tokens * width], `maps/<modality>/bias`, `positions/<modality>`
 * [tokens, width], `class` [width], `blocks/<i>`, `norm`, `head/kernel` [width, classes], `head/bias`.
 * Source: the encoder of Vaswani et al., 2017, over modalities; sizes and read-out are ours.
 *
 * @throws EQM_PLUGIN_FAULT when features are missing or do not have their declared size, or heads do not divide the width.
 */
export function attention(context: FusionContext, options: AttentionOptions = {}): Fusion {
  const { width = 64, tokens = 4, heads = 4, layers = 2, dropout = 0 } = options;
  const { modalities, classes } = context;
  const maps = Object.fromEntries(
    modalities.map((modality) => [modality, linear({ inputs: featureSizeOf(context, modality, WHERE), outputs: tokens * width })]),
  );
  const blocks = sequential(Array.from({ length: layers }, () => transformerBlock({ width, heads, dropout })));
  const norm = layerNorm({ size: width });
  const head = linear({ inputs: width, outputs: classes });
  const starts = (random: RandomStream) => ({
    params: {
      class: normal(width ** -0.5)(random.at('class'), [width]),
      ...Object.fromEntries(
        modalities.map((modality) => [
          `positions/${modality}`,
          normal(width ** -0.5)(random.at('positions').at(modality), [tokens, width]),
        ]),
      ),
    },
    state: {},
  });

  /** [batch, tokens, width] of one modality. */
  const tokensOf = (scope: Scope, features: Readonly<Record<string, Tensor>>, modality: string): Tensor => {
    const own = maps[modality]!.apply(scope.at('maps').at(modality), featuresOf(features, modality, WHERE));
    return tf.add(tf.reshape(own, [-1, tokens, width]), scope.at('positions').param(modality));
  };
  const read = (scope: Scope, sequence: readonly Tensor[]): Tensor => {
    const batch = sequence[0]!.shape[0]!;
    const first = tf.tile(tf.reshape(scope.param('class'), [1, 1, width]), [batch, 1, 1]);
    const through = blocks.apply(scope.at('blocks'), tf.concat([first, ...sequence], 1));
    const summary = tf.reshape(tf.slice(through, [0, 0, 0], [batch, 1, width]), [batch, width]);
    return head.apply(scope.at('head'), norm.apply(scope.at('norm'), summary));
  };
  return {
    init: (random) =>
      mergeVariables([initChildren({ maps: { init: (r) => initChildren(maps, r) }, blocks, norm, head }, random), starts(random)]),
    apply(scope, features) {
      const sequence = modalities.map((modality) => tokensOf(scope, features, modality));
      const logits = read(scope, sequence);
      if (modalities.length === 1) return { logits, unimodal: { [modalities[0]!]: logits } };
      return { logits, unimodal: Object.fromEntries(modalities.map((modality, i) => [modality, read(scope, [sequence[i]!])])) };
    },
    partial: (scope, features) =>
      read(
        scope,
        presentOf(context, features, WHERE).map((modality) => tokensOf(scope, features, modality)),
      ),
  };
}

const size = z.int().positive();

/** The fusion `attention`. */
export const attentionFusion = definePiece({
  kind: 'fusion',
  id: 'attention',
  description: 'A small transformer over the tokens of all modalities; read-out: the same on its own tokens',
  facts: {
    paper: { title: 'Attention Is All You Need', venue: 'NeurIPS 2017', url: 'https://arxiv.org/abs/1706.03762' },
    note: 'The transformer encoder is as published; cutting features into tokens, its sizes and the read-out are ours.',
  },
  options: z
    .strictObject({
      width: size.default(64).describe('Size of a token'),
      tokens: size.default(4).describe("Tokens that a modality's features are mapped to"),
      heads: size.default(4).describe('Attention heads; they divide the width'),
      layers: size.default(2).describe('Transformer blocks'),
      dropout: z.number().min(0).lt(1).default(0).describe('Share dropped in training, of attention weights and of both branches'),
    })
    .refine(({ width, heads }) => width % heads === 0, { path: ['heads'], message: 'heads must divide the width' }),
  create: (options, context) => attention(context, options),
});
