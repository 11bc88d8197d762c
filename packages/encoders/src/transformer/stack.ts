import type { Scope } from '@equimodal/core';
import { initChildren, transformerBlock, type Layer, type TransformerBlockOptions } from '@equimodal/nn';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Blocks one after another; `mask` is float32 [batch, time], 0 where a step is padding. */
export interface Stack extends Layer {
  apply(scope: Scope, input: Tensor, mask?: Tensor): Tensor;
}

/** `depth` transformer blocks, below `0`, `1`, ...: [batch, time, width] -> [batch, time, width]. */
export function stack(depth: number, options: TransformerBlockOptions): Stack {
  const blocks = Array.from({ length: depth }, () => transformerBlock(options));
  return {
    init: (random) => initChildren(Object.fromEntries(blocks.map((block, i) => [i, block])), random),
    apply: (scope, input, mask) => blocks.reduce((x, block, i) => block.apply(scope.at(i), x, mask), input),
  };
}

/** The layers of an encoder with a stack below `layers`: what comes before, each block, what comes behind. */
export function stackLayers(before: readonly string[], depth: number, behind: readonly string[]): (readonly string[])[] {
  const blocks = Array.from({ length: depth }, (_, i) => [`layers/${i}`]);
  return [before, ...blocks, ...(behind.length === 0 ? [] : [behind])];
}
