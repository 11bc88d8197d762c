import { definePiece, type Encoder, type Scope } from '@equimodal/core';
import { checkShape, dropout, embedding, initChildren, layerNorm, linear, type Layer } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { checkModality } from '../input/input.js';
import { firstStep, maxOverTime, meanOverTime, paddingOption, tokenMask, trailingMask } from '../time/time.js';
import { classStep } from './class-step.js';
import { learnedPositions, sinusoidalPositions } from './positions.js';
import { stack, stackLayers } from './stack.js';

const ACCEPTS = ['sequence', 'tokens'] as const;

const size = z.int().positive();

/**
 * Transformer over a sequence [batch, time, features] or tokens [batch, tokens] (int32, 0 is padding) -> [batch, width].
 *
 * x = input W + b, or the rows of a table; positions are added, blocks with norms before their branches follow, then a last norm and the
 * pool over the real steps. Padding gets no attention and no part in the pool, so it never changes the features; of a row without
 * real steps the pools `mean` and `max` give zeros.
 *
 * Parameters: `input/kernel` or `embedding/table`, `positions/table` if learnt, `cls/vector` [width] for the pool `cls`,
 * `layers/0/...` (see `transformerBlock`), `norm`.
 *
 * Source: Vaswani et al., "Attention is all you need", 2017; Xiong et al., 2020 (norms before the branches).
 */
export const transformer = definePiece({
  kind: 'encoder',
  id: 'transformer',
  description: 'Transformer from scratch over a sequence or tokens: self-attention, mean, class step or maximum.',
  facts: {
    accepts: ACCEPTS,
    paper: { title: 'Attention Is All You Need', venue: 'NeurIPS 2017', url: 'https://arxiv.org/abs/1706.03762' },
  },
  options: z
    .strictObject({
      width: size.default(128).describe('size of a step inside, and of the features; a multiple of the heads'),
      depth: size.default(2).describe('blocks on top of each other'),
      heads: size.default(4).describe('attention heads of each block'),
      feedForward: size.optional().describe('width inside the feed-forward part of a block; by default four times the width'),
      dropout: z
        .number()
        .min(0)
        .lt(1)
        .default(0.1)
        .describe('share dropped in training: of the input, of attention weights, of each branch'),
      pool: z.enum(['mean', 'cls', 'max']).default('mean').describe('features: mean or maximum of the real steps, or a step of its own'),
      positions: z.enum(['learned', 'sinusoidal']).default('learned').describe('what tells the steps apart'),
      vocabulary: size.default(30000).describe('tokens: number of ids; ids are less than this, 0 is padding'),
      padding: paddingOption,
    })
    .refine(({ width, heads }) => width % heads === 0, { path: ['width'], message: 'the width is no multiple of the heads' }),
  create(options, { modality }): Encoder {
    checkModality('transformer', ACCEPTS, modality);
    const { width, depth, heads, feedForward = 4 * width, pool } = options;
    const tokens = modality.kind === 'tokens';
    const steps = modality.shape[0]! + (pool === 'cls' ? 1 : 0);
    const entry: Record<string, Layer> = tokens
      ? { embedding: embedding({ vocabulary: options.vocabulary, size: width }) }
      : { input: linear({ inputs: modality.shape[1]!, outputs: width }) };
    const positions = options.positions === 'learned' ? learnedPositions(steps, width) : sinusoidalPositions;
    const drop = dropout({ rate: options.dropout });
    const layers = stack(depth, { width, heads, feedForward, dropout: options.dropout });
    const norm = layerNorm({ size: width });
    const cls = pool === 'cls' ? { cls: classStep(width) } : {};
    const children = { ...entry, positions, ...cls, layers, norm };

    /** [batch, steps, width], and which steps are real. */
    const embed = (scope: Scope, input: Tensor): { x: Tensor; mask: Tensor | undefined } => {
      if (tokens) {
        const ids = tf.cast(input, 'int32');
        return { x: entry['embedding']!.apply(scope.at('embedding'), ids), mask: tokenMask(ids) };
      }
      return {
        x: entry['input']!.apply(scope.at('input'), input),
        mask: options.padding === 'zeros' ? trailingMask(input) : undefined,
      };
    };
    return {
      featureSize: width,
      layers: stackLayers([...Object.keys(entry), ...(options.positions === 'learned' ? ['positions'] : []), ...Object.keys(cls)], depth, [
        'norm',
      ]),
      init: (random) => initChildren(children, random),
      apply(scope, input) {
        checkShape(input, [null, ...modality.shape], scope.path);
        let { x, mask } = embed(scope, input);
        if (cls.cls !== undefined) {
          x = cls.cls.apply(scope.at('cls'), x);
          mask =
            mask === undefined
              ? undefined
              : tf.pad(
                  mask,
                  [
                    [0, 0],
                    [1, 0],
                  ],
                  1,
                );
        }
        x = drop.apply(scope.at('dropout'), positions.apply(scope.at('positions'), x));
        x = norm.apply(scope.at('norm'), layers.apply(scope.at('layers'), x, mask));
        if (pool === 'cls') return { features: firstStep(x) };
        return { features: pool === 'max' ? maxOverTime(x, mask) : meanOverTime(x, mask) };
      },
    };
  },
});
