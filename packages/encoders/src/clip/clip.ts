import { l2Normalize, linear, normal, type Layer } from '@equimodal/nn';
import { z } from 'zod';
import { stack, type Stack } from '../transformer/stack.js';

export const paper = {
  title: 'Learning Transferable Visual Models From Natural Language Supervision',
  venue: 'ICML 2021',
  url: 'https://arxiv.org/abs/2103.00020',
} as const;

const size = z.int().positive();

/** Options that both towers have; the defaults are those of ViT-B/32. */
export const towerOptions = ({ width, heads, feedForward }: { width: number; heads: number; feedForward: number }) => ({
  depth: size.default(12).describe('blocks on top of each other'),
  width: size.default(width).describe('size of a step inside; a multiple of the heads'),
  heads: size.default(heads).describe('attention heads of each block'),
  feedForward: size.default(feedForward).describe('width inside the feed-forward part of a block'),
  projection: size.default(512).describe('size of the features, the space that text and image share'),
  normalise: z.boolean().default(false).describe('features of length 1, as CLIP compares them'),
});

/** What the refinement of both towers says. */
export const dividesIntoHeads = ({ width, heads }: { readonly width: number; readonly heads: number }): boolean => width % heads === 0;
export const HEADS_MESSAGE = { path: ['width'], message: 'the width is no multiple of the heads' };

export interface Tower {
  readonly depth: number;
  readonly width: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly projection: number;
  readonly normalise: boolean;
}

/** The blocks of a tower, and the map into the shared space without a bias. */
export function tower(
  { depth, width, heads, feedForward, projection, normalise }: Tower,
  causal: boolean,
): { layers: Stack; project: Layer } {
  const map = linear({ inputs: width, outputs: projection, bias: false, kernelInitialiser: normal(1 / Math.sqrt(width)) });
  return {
    layers: stack(depth, { width, heads, feedForward, causal, activation: 'quick-gelu' }),
    project: {
      init: (random) => map.init(random),
      apply: (scope, input) => (normalise ? l2Normalize(map.apply(scope, input)) : map.apply(scope, input)),
    },
  };
}
